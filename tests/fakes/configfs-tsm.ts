import type { TsmAttribute, TsmDirectory } from "../../src/attestation/issue/tsm-directory.ts";

/** A driver that makes evidence. */
export interface TsmProvider {
  /** As `provider` says it, without the newline. */
  readonly name: string;
  /** Makes a report for 64 bytes of data. */
  readonly report: (reportData: Uint8Array, privilegeLevel: number) => Uint8Array;
  /** Certificate table; a provider without one has no such attribute. */
  readonly certificateTable?: Uint8Array;
}

/** One access, as the kernel sees it before it happens. */
export interface TsmAccess {
  readonly kind: "mkdir" | "rmdir" | "read" | "write";
  readonly entry: string;
  readonly attribute: TsmAttribute | undefined;
  /** Counts accesses of this kind to this attribute, from 1, over all entries. */
  readonly count: number;
}

interface Entry {
  generation: number;
  reportData: Uint8Array;
  privilegeLevel: number;
  /** What was made, and for which generation. */
  made: { readonly generation: number; readonly outblob: Uint8Array } | undefined;
}

const PRIVILEGE_LEVEL_FLOOR = 0;
const PRIVILEGE_LEVEL_MAX = 3;

/** An error as the file system throws it. */
export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: as the fake kernel says, open 'attribute'`), { code });
}

/**
 * The kernel's directory of reports in memory: entries with counters, one driver for all, which makes one report at a
 * time and refuses wrong requests when the report is read.
 *
 * @see Linux drivers/virt/coco/tsm.c
 */
export class FakeConfigfsTsm implements TsmDirectory {
  readonly path = "/sys/kernel/config/tsm/report";
  /** Undefined: no driver is loaded. */
  provider: TsmProvider | undefined;
  /** Whether configfs is there at all. */
  isMounted = true;
  /** Called before each access; may throw, wait, or write to an entry itself. */
  onAccess: (access: TsmAccess) => Promise<void> | void = () => {};
  /** Names of the entries that were ever made. */
  readonly made: string[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #counts = new Map<string, number>();

  constructor(provider?: TsmProvider) {
    this.provider = provider;
  }

  /** Names of the entries that are there now. */
  get entries(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Somebody else writes to an entry. */
  interfere(name: string, reportData: Uint8Array): void {
    this.#advance(this.#entry(name)).reportData = reportData.slice();
  }

  async makeEntry(name: string): Promise<void> {
    await this.#access("mkdir", name);
    if (!this.isMounted) throw errno("ENOENT");
    if (this.provider === undefined) throw errno("ENXIO");
    if (this.#entries.has(name)) throw errno("EEXIST");
    const empty = { generation: 0, reportData: new Uint8Array(), privilegeLevel: 0, made: undefined };
    this.#entries.set(name, empty);
    this.made.push(name);
  }

  async removeEntry(name: string): Promise<void> {
    await this.#access("rmdir", name);
    if (!this.#entries.delete(name)) throw errno("ENOENT");
  }

  async write(name: string, attribute: TsmAttribute, bytes: Uint8Array): Promise<void> {
    await this.#access("write", name, attribute);
    const entry = this.#entry(name);
    switch (attribute) {
      case "inblob":
        if (bytes.length > 64) throw errno("EFBIG");
        this.#advance(entry).reportData = bytes.slice();
        break;
      case "privlevel": {
        const level = Number(new TextDecoder().decode(bytes));
        const isLevel = Number.isInteger(level) && level >= PRIVILEGE_LEVEL_FLOOR && level <= PRIVILEGE_LEVEL_MAX;
        if (!isLevel) throw errno("EINVAL");
        this.#advance(entry).privilegeLevel = level;
        break;
      }
      case "generation":
      case "provider":
      case "auxblob":
      case "outblob":
        throw errno("EACCES");
    }
  }

  async read(name: string, attribute: TsmAttribute, maxBytes: number): Promise<Uint8Array> {
    await this.#access("read", name, attribute);
    const bytes = this.#content(this.#entry(name), attribute);
    if (bytes.length > maxBytes) throw new Error(`the fake was asked for at most ${maxBytes} of ${bytes.length} bytes`);
    return bytes;
  }

  #content(entry: Entry, attribute: TsmAttribute): Uint8Array {
    switch (attribute) {
      case "generation":
        return new TextEncoder().encode(`${entry.generation}\n`);
      case "provider":
        return new TextEncoder().encode(`${this.#driver().name}\n`);
      case "auxblob": {
        const table = this.#driver().certificateTable;
        if (table === undefined && this.#driver().name !== "sev_guest") throw errno("ENOENT");
        this.#make(entry);
        return table ?? new Uint8Array();
      }
      case "outblob":
        return this.#make(entry);
      case "inblob":
      case "privlevel":
        throw errno("EACCES");
    }
    return attribute satisfies never;
  }

  /** A report is made once for each generation. */
  #make(entry: Entry): Uint8Array {
    const { generation, reportData, privilegeLevel } = entry;
    if (reportData.length !== 64) throw errno("EINVAL");
    if (entry.made?.generation !== generation) {
      entry.made = { generation, outblob: this.#driver().report(reportData, privilegeLevel) };
    }
    return entry.made.outblob.slice();
  }

  #driver(): TsmProvider {
    if (this.provider === undefined) throw errno("ENXIO");
    return this.provider;
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw errno("ENOENT");
    return entry;
  }

  #advance(entry: Entry): Entry {
    entry.generation++;
    return entry;
  }

  async #access(kind: TsmAccess["kind"], entry: string, attribute?: TsmAttribute): Promise<void> {
    const key = `${kind} ${attribute}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    await this.onAccess({ kind, entry, attribute, count });
  }
}
