import type { Accounts } from "../oci/image.ts";

/** A record of `/etc/passwd`. */
export interface UserRecord {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A record of `/etc/group`. */
export interface GroupRecord {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The usable lines of both account files, in order. */
export interface AccountRecords {
  readonly users: readonly UserRecord[];
  readonly groups: readonly GroupRecord[];
}

const parsed = new WeakMap<Accounts, AccountRecords>();

/** The records of both account files of an image, parsed once for each image; missing files have none. */
export function parseAccounts(accounts: Accounts): AccountRecords {
  let records = parsed.get(accounts);
  if (records === undefined) {
    records = { users: parsePasswd(accounts.passwd), groups: parseGroups(accounts.group) };
    parsed.set(accounts, records);
  }
  return records;
}

/**
 * Reads `/etc/passwd` of an image: `name:password:uid:gid:…`, one record a line. Lines without a usable user and group
 * number (blank, comments, NIS entries) are skipped, as the container runtime skips them.
 */
function parsePasswd(text: string | undefined): readonly UserRecord[] {
  return recordsOf(text, ([name = "", , uid = "", gid = ""]) => {
    const [user, group] = [idOf(uid), idOf(gid)];
    return user === undefined || group === undefined ? undefined : { name, uid: user, gid: group };
  });
}

/** Reads `/etc/group` of an image: `name:password:gid:member,member`, one record a line. */
function parseGroups(text: string | undefined): readonly GroupRecord[] {
  return recordsOf(text, ([name = "", , gid = "", members = ""]) => {
    const group = idOf(gid);
    return group === undefined
      ? undefined
      : { name, gid: group, members: members === "" ? [] : members.split(",").map((member) => member.trim()) };
  });
}

/** A user or group number: unsigned, 32 bits, decimal. */
export function idOf(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= 0xffff_ffff ? id : undefined;
}

function recordsOf<T>(text: string | undefined, read: (fields: readonly string[]) => T | undefined): readonly T[] {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => read(line.split(":")))
    .filter((record) => record !== undefined);
}
