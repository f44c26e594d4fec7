import type { Accounts } from "../../oci/image.ts";
import { idOf, parseAccounts, type AccountRecords, type GroupRecord, type UserRecord } from "../parse-accounts.ts";
import type { PolicyUser } from "../policy-data.ts";

/** Everything that decides the identity of a process. */
export interface IdentityInput {
  readonly isPause: boolean;
  /** `User` of the image configuration: `user[:group]`, each a name or a number; empty for none. */
  readonly imageUser: string;
  readonly pod: IdentityRequest & {
    readonly fsGroup?: number | undefined;
    readonly supplementalGroups?: readonly number[] | undefined;
    /** `Strict` leaves out the groups that the image gives to the user. */
    readonly supplementalGroupsPolicy?: string | undefined;
  };
  /** Empty for the pause container. */
  readonly container: IdentityRequest;
  /** Fetches the account files; called only when the result depends on them. */
  readonly accounts: () => Promise<Accounts>;
}

/** What a security context asks for. */
export interface IdentityRequest {
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
}

/** Who a process runs as, and how much of that only the image says. */
export interface Identity {
  readonly user: PolicyUser;
  /** Additional groups that neither the YAML nor the primary group explain; a host without the image cannot know them. */
  readonly imageGroups: readonly number[];
  /** Name in the image's `User` that its account files do not contain; user and group are then meaningless. */
  readonly unknownName?: string;
}

/**
 * Derives user, group and additional groups as kubelet and containerd do. For workloads the kubelet hands over only the
 * user part of the image's `User`; for the sandbox containerd applies the whole.
 *
 * 1. The user is that of the container's security context, of the pod's, of the image, or 0.
 * 2. The group is `runAsGroup`, else the user's group in `/etc/passwd`, else 0 (sandbox: the image's group first).
 * 3. Additional groups: that group, `fsGroup`, `supplementalGroups`, and every group of `/etc/group` that lists the user
 *    under another name than the user's own.
 *
 * @see containerd `pkg/oci/spec_opts.go`, `WithUser` and `WithAdditionalGIDs`
 */
export async function deriveIdentity(input: IdentityInput): Promise<Identity> {
  const { isPause, pod, container } = input;
  const runAsUser = container.runAsUser ?? pod.runAsUser;
  const runAsGroup = container.runAsGroup ?? pod.runAsGroup;
  const [userPart = "", groupPart = ""] = input.imageUser.split(":");
  const overridden = runAsUser !== undefined;
  const strict = pod.supplementalGroupsPolicy === "Strict";

  const files = new LazyAccounts(input.accounts);
  const byName = overridden || userPart === "" || idOf(userPart) !== undefined ? undefined : userPart;
  const named = byName === undefined ? undefined : (await files.users()).find((record) => record.name === byName);
  if (byName !== undefined && named === undefined) {
    return { user: policyUser(0, 0, []), imageGroups: [], unknownName: byName };
  }
  const uid = runAsUser ?? named?.uid ?? idOf(userPart) ?? 0;

  let gid = runAsGroup;
  if (gid === undefined && isPause && !overridden && groupPart !== "") {
    gid = idOf(groupPart) ?? (await files.groups()).find((record) => record.name === groupPart)?.gid;
    if (gid === undefined) return { user: policyUser(0, 0, []), imageGroups: [], unknownName: groupPart };
  }
  gid ??= named?.gid ?? (await files.users()).find((record) => record.uid === uid)?.gid ?? 0;

  // containerd sets the sandbox's supplementary groups before the user, which clears them again.
  const clearsGroups = isPause && (input.imageUser !== "" || overridden || runAsGroup !== undefined);
  const requested = clearsGroups ? [] : [pod.fsGroup ?? [], pod.supplementalGroups ?? []].flat();
  const memberships = isPause || strict ? [] : await files.groupsOf(byName ?? uid);
  const explained = new Set([gid, ...requested]);
  return {
    user: policyUser(uid, gid, [...explained, ...memberships]),
    imageGroups: memberships.filter((group) => !explained.has(group)),
  };
}

function policyUser(uid: number, gid: number, groups: readonly number[]): PolicyUser {
  return { UID: uid, GID: gid, AdditionalGids: [...new Set(groups)].toSorted((a, b) => a - b), Username: "" };
}

/** Parses the account files of an image on first use. */
class LazyAccounts {
  readonly #fetch: () => Promise<Accounts>;
  #parsed: AccountRecords | undefined;

  constructor(fetch: () => Promise<Accounts>) {
    this.#fetch = fetch;
  }

  async users(): Promise<readonly UserRecord[]> {
    return (await this.#records()).users;
  }

  async groups(): Promise<readonly GroupRecord[]> {
    return (await this.#records()).groups;
  }

  async groupsOf(user: string | number): Promise<readonly number[]> {
    const { users, groups } = await this.#records();
    const name = typeof user === "string" ? user : users.find((record) => record.uid === user)?.name;
    if (name === undefined) return [];
    return groups.filter((group) => group.name !== name && group.members.includes(name)).map((group) => group.gid);
  }

  async #records(): Promise<AccountRecords> {
    this.#parsed ??= parseAccounts(await this.#fetch());
    return this.#parsed;
  }
}
