import { ContrastError } from "../../lib/errors.ts";
import { normalisePath, parentOf, prefixesOf } from "../archive-path.ts";
import type { Accounts } from "../image.ts";
import type { LayerEntry, LayerFacts, PathFacts } from "./layer-facts.ts";
import { type WatchedPaths, watch } from "./watched-paths.ts";

/** Reads what one layer says about paths; layers count from the oldest, 0. */
export type LayerLookup = (layer: number, paths: WatchedPaths) => Promise<LayerFacts>;

const PASSWD = "etc/passwd";
const GROUP = "etc/group";
/** What is read of a layer first: both files are almost always decided by it. */
export const ACCOUNT_PATHS = watch([PASSWD, GROUP]);
/** Symbolic and hard links that are followed on the way to one file. */
const MAX_LINKS = 16;

/**
 * Finds `/etc/passwd` and `/etc/group` as a container sees them: layers lie on top of each other, whiteouts and opaque
 * directories hide what is below, links are followed inside of the image. Layers are asked for from the newest to the
 * oldest, and only until both files are decided.
 *
 * @param layerCount number of layers of the image
 * @throws ContrastError `oci/layer-invalid` for links in circles, and everything that `lookup` throws
 * @see Linux kernel, Documentation/filesystems/overlayfs.rst
 */
export async function readAccounts(layerCount: number, lookup: LayerLookup): Promise<Accounts> {
  const files = new LayeredFiles(layerCount, lookup);
  return { passwd: await files.read(PASSWD), group: await files.read(GROUP) };
}

class LayeredFiles {
  readonly #layerCount: number;
  readonly #lookup: LayerLookup;
  readonly #known: Map<string, PathFacts>[];

  constructor(layerCount: number, lookup: LayerLookup) {
    this.#layerCount = layerCount;
    this.#lookup = lookup;
    this.#known = Array.from({ length: layerCount }, () => new Map());
  }

  /** Walks down to a file as the kernel does: part by part, each link where it stands. */
  async read(file: string): Promise<string | undefined> {
    let directory = "";
    let rest = file.split("/");
    let links = 0;
    while (rest.length > 0) {
      const [name = "", ...next] = rest;
      rest = next;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        directory = parentOf(directory);
        continue;
      }
      const path = directory === "" ? name : `${directory}/${name}`;
      const entry = await this.#effective(path, normalisePath([path, ...rest].join("/")), this.#layerCount - 1);
      if (entry?.kind === "symlink") {
        if (++links > MAX_LINKS) throw tooManyLinks(file);
        if (entry.target.startsWith("/")) directory = "";
        rest = [...entry.target.split("/"), ...rest];
      } else if (entry?.kind === "file" && rest.length === 0) {
        return entry.content;
      } else if (entry?.kind !== "directory") {
        return undefined;
      } else {
        directory = path;
      }
    }
    return undefined;
  }

  /**
   * The entry of a path as seen from one layer downwards.
   *
   * @param watched targets of hard links that were followed in this layer already
   */
  async #effective(
    path: string,
    file: string,
    from: number,
    watched: readonly string[] = [],
  ): Promise<LayerEntry | undefined> {
    for (let layer = from; layer >= 0; layer--) {
      const entry = (await this.#facts(layer, path, file)).entry;
      if (entry?.kind === "hardlink") return await this.#hardlinked(entry, path, layer, watched);
      if (entry !== undefined) return entry;
      if (await this.#isHiddenBelow(layer, path, file)) return undefined;
    }
    return undefined;
  }

  async #hardlinked(
    entry: LayerEntry & { kind: "hardlink" },
    path: string,
    layer: number,
    watched: readonly string[],
  ): Promise<LayerEntry | undefined> {
    if (entry.settled) return await this.#effective(entry.target, entry.target, layer - 1);
    if (watched.length >= MAX_LINKS) throw tooManyLinks(path);
    // The target was not watched when the layer was read: read it once more, this time with the target.
    const targets = [...watched, entry.target];
    await this.#learn(layer, watch([path, ...targets]));
    return await this.#effective(path, path, layer, targets);
  }

  async #isHiddenBelow(layer: number, path: string, file: string): Promise<boolean> {
    if ((await this.#facts(layer, path, file)).whiteout) return true;
    for (const above of ["", ...prefixesOf(parentOf(path))]) {
      const { whiteout, opaque, entry } = await this.#facts(layer, above, file);
      if (whiteout || opaque || (entry !== undefined && entry.kind !== "directory")) return true;
    }
    return false;
  }

  /** @param file what is looked for in the end; all paths on the way to it are learnt at once */
  async #facts(layer: number, path: string, file: string): Promise<PathFacts> {
    const known = this.#known[layer]?.get(path);
    if (known !== undefined) return known;
    const onTheWay = ACCOUNT_PATHS.files.has(file) ? ACCOUNT_PATHS : watch([file]);
    // A link such as `a/../b` looks at `a` on the way to `b`.
    await this.#learn(layer, onTheWay.all.has(path) ? onTheWay : watch([path]));
    const learnt = this.#known[layer]?.get(path);
    if (learnt === undefined) throw new ContrastError("lib/internal", `Path "/${path}" was not looked up`);
    return learnt;
  }

  async #learn(layer: number, paths: WatchedPaths): Promise<void> {
    const facts = await this.#lookup(layer, paths);
    for (const [path, pathFacts] of facts) this.#known[layer]?.set(path, pathFacts);
  }
}

function tooManyLinks(path: string): ContrastError {
  return new ContrastError("oci/layer-invalid", `Cannot read "/${path}" of the image: more than ${MAX_LINKS} links`);
}
