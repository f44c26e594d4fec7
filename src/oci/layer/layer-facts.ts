import { ContrastError } from "../../lib/errors.ts";
import { normalisePath, parentOf, prefixesOf } from "../archive-path.ts";
import type { TarEntry, TarVisitor } from "../tar-reader.ts";
import { PathSet } from "./path-set.ts";
import type { WatchedPaths } from "./watched-paths.ts";

/** What one layer puts at a path. */
export type LayerEntry =
  | { readonly kind: "file"; readonly content: string }
  | { readonly kind: "directory" }
  | { readonly kind: "symlink"; readonly target: string }
  /** `settled`: the target was watched, and lies in a lower layer. */
  | { readonly kind: "hardlink"; readonly target: string; readonly settled: boolean }
  | { readonly kind: "other" };

/** What one layer says about a path. */
export interface PathFacts {
  readonly entry?: LayerEntry | undefined;
  /** The path of lower layers is gone. */
  readonly whiteout: boolean;
  /** What lower layers have inside of this directory is gone. */
  readonly opaque: boolean;
}

/** What one layer says about each watched path. */
export type LayerFacts = ReadonlyMap<string, PathFacts>;

/** Largest account file that is read. */
const MAX_ACCOUNT_FILE_BYTES = 1024 * 1024;

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const NOTHING: PathFacts = { whiteout: false, opaque: false };

/**
 * Collects what a layer says about watched paths while its archive is read. Names that container runtimes could
 * understand differently (`..`, an entry below a file, an entry that is removed again) are refused where they
 * concern a watched path.
 *
 * @see OCI image specification v1.1, layer.md, "Whiteouts"
 */
export class LayerFactsCollector implements TarVisitor {
  readonly #paths: WatchedPaths;
  readonly #what: string;
  readonly #facts: Map<string, PathFacts>;
  /** Links of this layer that lead to a watched path or above it. */
  readonly #aliases = new PathSet();
  /** Beginnings of everything that is watched or inside of it. */
  readonly #roots: readonly string[];

  /** @param what the layer, named in messages */
  constructor(paths: WatchedPaths, what: string) {
    this.#paths = paths;
    this.#what = what;
    this.#facts = new Map([...paths.all].map((path) => [path, NOTHING]));
    this.#roots = [...paths.all].filter((path) => path !== "" && !path.includes("/")).map((path) => `${path}/`);
  }

  /** Valid once the whole layer was read and its digests were checked. */
  get facts(): LayerFacts {
    return this.#facts;
  }

  refuse(fact: string): ContrastError {
    return new ContrastError("oci/layer-invalid", `Cannot read ${this.#what}: ${fact}`);
  }

  wants(entry: TarEntry): boolean {
    const path = normalisePath(entry.path);
    if (entry.type !== "file" || !this.#paths.files.has(path)) return false;
    if (entry.sizeBytes <= MAX_ACCOUNT_FILE_BYTES) return true;
    throw this.refuse(`"/${path}" has ${entry.sizeBytes} bytes, limit ${MAX_ACCOUNT_FILE_BYTES}`);
  }

  entry(entry: TarEntry, content: Uint8Array | undefined): void {
    const path = normalisePath(entry.path);
    const directory = parentOf(path);
    this.#noteAlias(entry, path, directory);
    const name = path.slice(directory === "" ? 0 : directory.length + 1);
    const subject = name === OPAQUE ? directory : name.startsWith(WHITEOUT) ? hiddenPath(directory, name) : path;
    // Almost every entry of a layer ends here: it has nothing above it that is watched, except the root.
    if (!this.#paths.all.has(subject) && !this.#roots.some((root) => subject.startsWith(root))) return;
    if (entry.path.split("/").includes("..")) throw this.refuse(`the name "${entry.path}" leads upwards`);
    this.#openDirectories(directory);
    if (name === OPAQUE) this.#change(directory, { opaque: true });
    else if (name.startsWith(WHITEOUT)) this.#hide(subject, name);
    else if (this.#paths.all.has(path)) this.#place(path, this.#describe(entry, path, content));
  }

  /** What is written through a link lands elsewhere, in some runtimes: `x -> etc`, then `x/passwd`. */
  #noteAlias(entry: TarEntry, path: string, directory: string): void {
    const alias = this.#aliases.shortestAbove(directory);
    if (alias !== undefined) throw this.refuse(`"/${path}" is written through the link "/${alias}"`);
    this.#aliases.delete(path);
    if (entry.type === "symlink" && this.#paths.all.has(normalisePath(entry.linkTarget, directory))) {
      this.#aliases.add(path);
    }
  }

  /** An entry makes the directories above it, even where the archive does not list them. */
  #openDirectories(directory: string): void {
    for (const prefix of prefixesOf(directory)) {
      const facts = this.#facts.get(prefix);
      if (facts === undefined) return;
      if (facts.entry === undefined) this.#change(prefix, { entry: { kind: "directory" } });
      else if (facts.entry.kind !== "directory") throw this.refuse(`"/${prefix}" is no directory, but has entries`);
    }
  }

  #hide(path: string, name: string): void {
    if (name.startsWith(`${WHITEOUT}${WHITEOUT}`)) return; // Bookkeeping of the aufs storage driver.
    const facts = this.#facts.get(path);
    if (["", ".", ".."].includes(name.slice(WHITEOUT.length))) throw this.refuse(`"${name}" removes no name`);
    if (facts === undefined) return;
    if (facts.entry !== undefined) throw this.refuse(`"/${path}" is added and then removed`);
    this.#change(path, { whiteout: true });
  }

  #place(path: string, entry: LayerEntry): void {
    const facts = this.#facts.get(path) ?? NOTHING;
    if (path === "" && entry.kind !== "directory") throw this.refuse("its root is no directory");
    if (entry.kind !== "directory" && facts.entry?.kind === "directory") {
      // The last entry wins; what was inside of the directory goes with it.
      for (const [inner, innerFacts] of this.#facts) {
        if (inner.startsWith(`${path}/`)) this.#facts.set(inner, { ...innerFacts, entry: undefined });
      }
    }
    this.#change(path, { entry });
  }

  #describe(entry: TarEntry, path: string, content: Uint8Array | undefined): LayerEntry {
    if (entry.type === "sparse") throw this.refuse(`"/${path}" is stored as a sparse file`);
    if (entry.type === "hardlink") return this.#linked(entry.linkTarget);
    if (entry.type === "symlink") return { kind: "symlink", target: entry.linkTarget };
    if (entry.type === "directory") return { kind: "directory" };
    if (entry.type === "other" || !this.#paths.files.has(path)) return { kind: "other" };
    // Names outside of UTF-8 cannot be asked for; the other lines stay usable.
    return { kind: "file", content: new TextDecoder("utf-8", { ignoreBOM: true }).decode(content) };
  }

  #linked(linkTarget: string): LayerEntry {
    if (linkTarget.split("/").includes("..")) throw this.refuse(`the link to "${linkTarget}" leads upwards`);
    const target = normalisePath(linkTarget);
    const facts = this.#facts.get(target);
    if (facts === undefined || !this.#paths.files.has(target)) return { kind: "hardlink", target, settled: false };
    return facts.entry ?? { kind: "hardlink", target, settled: true };
  }

  #change(path: string, change: Partial<PathFacts>): void {
    const facts = this.#facts.get(path);
    if (facts !== undefined) this.#facts.set(path, { ...facts, ...change });
  }
}

function hiddenPath(directory: string, name: string): string {
  return normalisePath(name.slice(WHITEOUT.length), directory);
}
