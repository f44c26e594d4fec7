/** Chooses one of so many possibilities by its index. */
export type Pick = (count: number) => number;

/** Something that has a name on a `FailingDisk`. */
export type Node = FileNode | DirectoryNode;

/** A file; without a sync, a crash may leave any part of its content. */
export class FileNode {
  bytes: Uint8Array = new Uint8Array(0);
  #isDurable = false;

  write(bytes: Uint8Array): void {
    this.bytes = bytes.slice();
    this.#isDurable = false;
  }

  sync(): void {
    this.#isDurable = true;
  }

  afterCrash(pick: Pick): FileNode {
    const { bytes } = this;
    const torn = bytes.subarray(0, bytes.length >> 1);
    const outcomes = this.#isDurable ? [bytes] : [bytes.subarray(0, 0), new Uint8Array(bytes.length), torn, bytes];
    const file = new FileNode();
    file.write(outcomes[pick(outcomes.length)] ?? bytes);
    file.sync();
    return file;
  }
}

/** A directory; of each name, a crash may leave any state since the last sync. */
export class DirectoryNode {
  readonly #durable = new Map<string, Node>();
  /** States of a name since the last sync, the newest one last. */
  readonly #since = new Map<string, (Node | undefined)[]>();

  get(name: string): Node | undefined {
    const states = this.#since.get(name);
    return states === undefined ? this.#durable.get(name) : states.at(-1);
  }

  set(name: string, node: Node | undefined): void {
    this.#since.set(name, [...(this.#since.get(name) ?? []), node]);
  }

  names(): string[] {
    return [...new Set([...this.#durable.keys(), ...this.#since.keys()])].filter(
      (name) => this.get(name) !== undefined,
    );
  }

  sync(): void {
    for (const name of this.#since.keys()) {
      const node = this.get(name);
      if (node === undefined) this.#durable.delete(name);
      else this.#durable.set(name, node);
    }
    this.#since.clear();
  }

  /** @param seen what has become of files with several names */
  afterCrash(pick: Pick, seen: Map<Node, Node>): DirectoryNode {
    const directory = new DirectoryNode();
    for (const name of new Set([...this.#durable.keys(), ...this.#since.keys()])) {
      const states = [this.#durable.get(name), ...(this.#since.get(name) ?? [])];
      const node = states[pick(states.length)];
      if (node === undefined) continue;
      const left = seen.get(node) ?? (node instanceof FileNode ? node.afterCrash(pick) : node.afterCrash(pick, seen));
      seen.set(node, left);
      directory.#durable.set(name, left);
    }
    return directory;
  }
}
