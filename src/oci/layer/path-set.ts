/** A directory of the set; `isMember` where its own path is in it. */
interface PathNode {
  isMember: boolean;
  readonly below: Map<string, PathNode>;
}

/** Paths of which one is looked up by what lies below it, in time that grows with the path and not with the set. */
export class PathSet {
  readonly #root = createNode();

  /** @param path parts joined by slashes; the empty text is the root, which lies above nothing */
  add(path: string): void {
    if (path === "") return;
    let node = this.#root;
    for (const part of path.split("/")) {
      const next = node.below.get(part) ?? createNode();
      node.below.set(part, next);
      node = next;
    }
    node.isMember = true;
  }

  delete(path: string): void {
    const found = this.#find(path, () => false);
    if (found !== undefined) found.node.isMember = false;
  }

  /** The shortest member that is the path or a directory above it. */
  shortestAbove(path: string): string | undefined {
    const found = this.#find(path, (node) => node.isMember);
    return found?.node.isMember === true ? path.slice(0, found.end) : undefined;
  }

  /** Follows a path to its end, or to where it is told to stop; undefined where nothing of the set lies there. */
  #find(
    path: string,
    isEnough: (node: PathNode) => boolean,
  ): { readonly node: PathNode; readonly end: number } | undefined {
    let node: PathNode | undefined = this.#root;
    for (let start = 0; start <= path.length;) {
      const slash = path.indexOf("/", start);
      const end = slash < 0 ? path.length : slash;
      node = node.below.get(path.slice(start, end));
      if (node === undefined) return undefined;
      if (end === path.length || isEnough(node)) return { node, end };
      start = end + 1;
    }
    return undefined;
  }
}

function createNode(): PathNode {
  return { isMember: false, below: new Map() };
}
