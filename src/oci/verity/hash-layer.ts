import { ContrastError } from "../../lib/errors.ts";
import { type ExpansionLimits, readArchive } from "../read-archive.ts";
import type { StoredLayer } from "../stored-layer.ts";
import { type TarEntry, TarReader, type TarVisitor } from "../tar-reader.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import { encodeIndex } from "./index-encoding.ts";
import { type IndexVariant, TarTree } from "./tar-tree.ts";
import { VerityHasher } from "./verity-hasher.ts";

/** How one layer is hashed. */
export interface LayerHashing {
  readonly pool: ChunkPool;
  readonly onBytes: (count: number) => void;
  /** Sees the archive in the same pass; what it throws ends its part, not the hashing. */
  readonly companion?: TarVisitor | undefined;
  readonly variant?: IndexVariant;
  readonly limits?: ExpansionLimits | undefined;
}

/** What one pass over a layer has found. */
export interface HashedLayer {
  /** 64 lower-case hexadecimal digits. */
  readonly rootHashHex: string;
  /** Why the companion gave up; undefined if it has seen everything. */
  readonly companionFailure: unknown;
}

/**
 * Computes the dm-verity root hash of a layer as a node of AKS mounts it: the uncompressed archive and behind it the
 * index of its files. All in one pass; nothing is returned before the digests of the layer have been checked.
 *
 * The reference decoder of the nodes stops behind the first gzip member. Here all members count, as they do for the
 * diff id: a layer whose further members hold data has another root hash on such a node, and is refused there.
 *
 * @throws ContrastError as `readArchive()`
 */
export async function hashLayer(layer: StoredLayer, hashing: LayerHashing): Promise<HashedLayer> {
  const { pool, onBytes, variant = "special", limits } = hashing;
  const what = `layer ${layer.digest}`;
  const tree = new TarTree(variant, (fact) => new ContrastError("oci/layer-invalid", `Cannot hash ${what}: ${fact}`));
  const visitor = new Companions(tree, hashing.companion);
  const reader = new TarReader(visitor);
  const hasher = new VerityHasher(pool);
  await readArchive(
    layer,
    (piece) => {
      reader.push(piece);
      hasher.write(piece);
    },
    { onBytes, limits },
  );
  reader.finish();
  for (const piece of encodeIndex(tree, hasher.sizeBytes)) hasher.write(piece);
  return { rootHashHex: await hasher.finish(), companionFailure: visitor.failure };
}

/** Shows each entry to the tree and, until it fails, to somebody else. */
class Companions implements TarVisitor {
  failure: unknown;
  readonly #tree: TarTree;
  #other: TarVisitor | undefined;

  constructor(tree: TarTree, other: TarVisitor | undefined) {
    this.#tree = tree;
    this.#other = other;
  }

  wants(entry: TarEntry): boolean {
    return this.#try((other) => other.wants(entry)) ?? false;
  }

  entry(entry: TarEntry, content: Uint8Array | undefined): void {
    this.#tree.entry(entry);
    this.#try((other) => other.entry(entry, content));
  }

  refuse(fact: string): Error {
    return this.#tree.refuse(fact);
  }

  #try<T>(task: (other: TarVisitor) => T): T | undefined {
    if (this.#other === undefined) return undefined;
    try {
      return task(this.#other);
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      this.failure = error;
      this.#other = undefined;
      return undefined;
    }
  }
}
