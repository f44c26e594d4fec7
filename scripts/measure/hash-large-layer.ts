// Hashes one gzip layer of the given size in MB, which exists only as a stream, and prints the peak memory in bytes.
// Usage: hash-large-layer.ts MEGABYTES
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { createChunkPool } from "../../src/oci/verity/chunk-pool.ts";
import { hashLayer } from "../../src/oci/verity/hash-layer.ts";
import { encodeTarHeader } from "../lib/tar-writer.ts";
import { layerPiece } from "./layer-piece.ts";

const MEGABYTE = 1_000_000;
/** Every file of the layer has this content; 8 MiB, so that headers are as frequent as in real layers or more. */
const content = layerPiece(8 * 1024 * 1024);
const packed = gzipSync(content, { level: 1 });
const files = Math.ceil((Number(process.argv[2]) * MEGABYTE) / content.length);
const end = new Uint8Array(1024);

/** Each part of the archive is a gzip member of its own. */
function* parts(): Generator<readonly [plain: Uint8Array, stored: Uint8Array]> {
  for (let index = 0; index < files; index++) {
    const header = encodeTarHeader({ name: `usr/lib/part-${index}` }, content.length);
    yield [header, gzipSync(header)];
    yield [content, packed];
  }
  yield [end, gzipSync(end)];
}

const stored = createHash("sha256");
const plain = createHash("sha256");
let sizeBytes = 0;
for (const [piece, member] of parts()) {
  plain.update(piece);
  stored.update(member);
  sizeBytes += member.length;
}

const startedMs = performance.now();
const { rootHashHex } = await hashLayer(
  {
    digest: `sha256:${stored.digest("hex")}`,
    diffId: `sha256:${plain.digest("hex")}`,
    sizeBytes,
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    open: async () =>
      (async function* (): AsyncGenerator<Uint8Array> {
        for (const [, member] of parts()) yield member;
      })(),
  },
  {
    pool: createChunkPool((error) => {
      throw error;
    }),
    onBytes: () => {},
  },
);
const seconds = (performance.now() - startedMs) / 1000;
// Not the peak of resourceUsage(), which starts with that of the program that started this one.
const peakKilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
console.log(JSON.stringify({ rootHashHex, seconds, peakBytes: Number(peakKilobytes) * 1024 }));
process.exit(0);
