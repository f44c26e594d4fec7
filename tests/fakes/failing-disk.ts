import type { Disk } from "../../src/lib/disk.ts";
import { notRegular, tooLarge, unreadable, unwritable } from "../../src/lib/disk-error.ts";
import { DirectoryNode, FileNode, type Node, type Pick } from "./disk-node.ts";

/** What a disk can answer instead of doing something. */
export type FaultCode = "EIO" | "ENOSPC" | "EROFS";

/** A failure of the disk. */
export interface DiskFault {
  /** The first step that fails; 1 is the first one of all. */
  readonly step: number;
  readonly code: FaultCode;
  /** Whether all later steps fail as well, as on a full disk. */
  readonly lasting: boolean;
  /** Whether the step is done nonetheless, and only the answer is wrong. */
  readonly done?: boolean;
}

/** The end of a process or machine. Not a ContrastError: code that treats it as a failure of the disk is wrong. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

/** What a full or read-only disk refuses; every step can fail with EIO. */
const REFUSED: Readonly<Record<FaultCode, readonly string[] | undefined>> = {
  EIO: undefined,
  ENOSPC: ["mkdir", "create", "write", "link", "rename"],
  EROFS: ["mkdir", "create", "write", "link", "rename", "unlink"],
};

/**
 * A disk in memory that knows what is durable: data after `fsync`, names after a sync of their directory. Several
 * users may work on it at once. Step by step it can fail or be the last one.
 */
export class FailingDisk implements Disk {
  /** Steps so far; `read` and `list` count too. */
  steps = 0;
  /** Everything stops instead of this step and all later ones. */
  crashAt = Number.POSITIVE_INFINITY;
  fault: DiskFault | undefined;
  /** Called before each step: to let others go first, or to hold one back. */
  beforeStep: (name: string, path: string) => Promise<void> = async () => {};
  /** Names of the steps, in order. */
  readonly trace: string[] = [];
  readonly #root: DirectoryNode;

  constructor(root = new DirectoryNode()) {
    this.#root = root;
  }

  /**
   * The disk that a new process finds.
   *
   * @param pick chooses between what may have become of a name or of data: 0 is what is durable, the last one what
   * was there last
   */
  afterCrash(pick: Pick): FailingDisk {
    return new FailingDisk(this.#root.afterCrash(pick, new Map()));
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return await this.#reading("read", path, () => {
      const node = this.#find(path);
      if (node === undefined) return undefined;
      if (!(node instanceof FileNode)) throw notRegular(path, "it is a directory");
      if (node.bytes.length > maxBytes) throw tooLarge(path, node.bytes.length, maxBytes);
      return node.bytes.slice();
    });
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    return await this.#reading("list", path, () => {
      const node = this.#find(path);
      if (node instanceof FileNode) throw notRegular(path, "it is not a directory");
      return node?.names();
    });
  }

  async age(): Promise<number> {
    return 0;
  }

  async makeDirectory(path: string): Promise<boolean> {
    return await this.#writing("mkdir", path, () => {
      const { parent, name } = this.#locate(path);
      const found = parent.get(name);
      if (found instanceof FileNode) throw notRegular(path, "it is not a directory");
      if (found === undefined) parent.set(name, new DirectoryNode());
      return found === undefined;
    });
  }

  async createExclusive(path: string, bytes: Uint8Array): Promise<void> {
    const file = new FileNode();
    await this.#writing("create", path, () => {
      const { parent, name } = this.#locate(path);
      if (parent.get(name) !== undefined) throw platformError("EEXIST", "file already exists", "open", path);
      parent.set(name, file);
    });
    try {
      await this.#writing("write", path, () => file.write(bytes));
      await this.#writing("fsync", path, () => file.sync());
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) this.#remove(path);
      throw error;
    }
  }

  async link(from: string, to: string): Promise<boolean> {
    return await this.#writing("link", to, () => {
      const { parent, name } = this.#locate(to);
      const node = this.#mustFind(from);
      if (parent.get(name) !== undefined) return false;
      parent.set(name, node);
      return true;
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#writing("rename", to, () => {
      const { parent, name } = this.#locate(to);
      parent.set(name, this.#mustFind(from));
      this.#remove(from);
    });
  }

  async unlink(path: string): Promise<void> {
    await this.#writing("unlink", path, () => {
      this.#mustFind(path);
      this.#remove(path);
    });
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#writing("sync", path, () => {
      const node = this.#find(path);
      if (!(node instanceof DirectoryNode)) throw platformError("ENOENT", "no such file or directory", "open", path);
      node.sync();
    });
  }

  async #reading<T>(name: string, path: string, step: () => T): Promise<T> {
    try {
      return await this.#step(name, path, step);
    } catch (error) {
      throw error instanceof SimulatedCrash ? error : unreadable(path, error);
    }
  }

  async #writing<T>(name: string, path: string, step: () => T): Promise<T> {
    try {
      return await this.#step(name, path, step);
    } catch (error) {
      throw error instanceof SimulatedCrash ? error : unwritable(path, error);
    }
  }

  async #step<T>(name: string, path: string, step: () => T): Promise<T> {
    await this.beforeStep(name, path);
    this.steps++;
    this.trace.push(`${name} ${path}`);
    if (this.steps >= this.crashAt) throw new SimulatedCrash(`crash before step ${this.steps}: ${name} ${path}`);
    const fault = this.#faultOf(name);
    if (fault === undefined) return step();
    if (fault.done === true) step();
    throw platformError(fault.code, "injected", name, path);
  }

  #faultOf(name: string): DiskFault | undefined {
    const { fault, steps } = this;
    if (fault === undefined || steps < fault.step || (steps > fault.step && !fault.lasting)) return undefined;
    return REFUSED[fault.code]?.includes(name) === false ? undefined : fault;
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      if (!(node instanceof DirectoryNode)) return undefined;
      node = node.get(name);
    }
    return node;
  }

  #mustFind(path: string): Node {
    const node = this.#find(path);
    if (node === undefined) throw platformError("ENOENT", "no such file or directory", "open", path);
    return node;
  }

  #locate(path: string): { readonly parent: DirectoryNode; readonly name: string } {
    const cut = path.lastIndexOf("/");
    const parent = this.#find(path.slice(0, cut));
    if (parent instanceof DirectoryNode) return { parent, name: path.slice(cut + 1) };
    throw platformError("ENOENT", "no such file or directory", "open", path);
  }

  #remove(path: string): void {
    const { parent, name } = this.#locate(path);
    parent.set(name, undefined);
  }
}

function platformError(code: string, text: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${text}, ${call} '${path}'`), { code });
}
