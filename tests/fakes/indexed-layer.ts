import { ContrastError } from "../../src/lib/errors.ts";
import { TarReader } from "../../src/oci/tar-reader.ts";
import { encodeIndex } from "../../src/oci/verity/index-encoding.ts";
import { type IndexVariant, TarTree, type TreeLimits } from "../../src/oci/verity/tar-tree.ts";

/** The archive and its index, as the program makes them, in memory. */
export function indexedLayer(
  archive: Uint8Array,
  options: { readonly variant?: IndexVariant; readonly pieceBytes?: number; readonly limits?: TreeLimits } = {},
): Buffer {
  const { variant = "special", pieceBytes = 4096, limits } = options;
  const tree = new TarTree(variant, (fact) => new ContrastError("oci/layer-invalid", fact), limits);
  const reader = new TarReader(tree);
  for (let at = 0; at < archive.length; at += pieceBytes) reader.push(archive.subarray(at, at + pieceBytes));
  reader.finish();
  return Buffer.concat([archive, ...encodeIndex(tree, archive.length)]);
}
