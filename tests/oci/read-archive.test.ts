import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ContrastError } from "../../src/lib/errors.ts";
import { type ExpansionLimits, readArchive } from "../../src/oci/read-archive.ts";
import type { StoredLayer } from "../../src/oci/stored-layer.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

const PLAIN = "application/vnd.oci.image.layer.v1.tar";
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const ARCHIVE = new Uint8Array(100_000).map((_, index) => index % 251);

/** A layer whose stored form arrives in small pieces. */
function layerOf(stored: Uint8Array, change: Partial<StoredLayer> = {}): StoredLayer {
  return {
    digest: digestOf(stored),
    sizeBytes: stored.length,
    mediaType: `${PLAIN}+gzip`,
    diffId: digestOf(ARCHIVE),
    // oxlint-disable-next-line require-await
    async open() {
      return (async function* () {
        for (let at = 0; at < stored.length; at += 1000) yield stored.subarray(at, at + 1000);
      })();
    },
    ...change,
  };
}

async function archiveOf(layer: StoredLayer, limits?: ExpansionLimits): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await readArchive(layer, (piece) => void pieces.push(piece.slice()), { onBytes: () => {}, limits });
  return Buffer.concat(pieces);
}

describe("readArchive()", () => {
  test("hands over what is stored, compressed or not", async () => {
    expect(digestOf(await archiveOf(layerOf(gzipSync(ARCHIVE))))).toBe(digestOf(ARCHIVE));
    expect(digestOf(await archiveOf(layerOf(ARCHIVE, { mediaType: PLAIN })))).toBe(digestOf(ARCHIVE));
  });
  test("tells what the source has failed of, not what that does to the decompression", async () => {
    const stored = gzipSync(ARCHIVE);
    const cut: StoredLayer["open"] = async () =>
      (async function* () {
        yield stored.subarray(0, 500);
        throw new ContrastError("oci/registry-unreachable", "the connection broke");
      })();
    expect(await codeOfAsync(() => archiveOf(layerOf(stored, { open: cut })))).toBe("oci/registry-unreachable");
    expect(await codeOfAsync(() => archiveOf(layerOf(stored.subarray(0, 500), { digest: digestOf(stored) })))).toBe(
      "oci/digest-mismatch",
    );
  });
  test.each(["gzip", "zstd"] as const)(
    "tells that stored %s bytes are others before what is wrong with them",
    async (name) => {
      const stored = name === "gzip" ? gzipSync(ARCHIVE) : zstdCompressSync(ARCHIVE);
      for (const at of [0, 4, stored.length - 5]) {
        const damaged = stored.map((byte, index) => (index === at ? byte ^ 0xff : byte));
        const layer = layerOf(damaged, { digest: digestOf(stored), mediaType: `${PLAIN}+${name}` });
        expect([at, await codeOfAsync(() => archiveOf(layer))]).toEqual([at, "oci/digest-mismatch"]);
      }
    },
  );
  test.each<[string, Uint8Array, Partial<StoredLayer>]>([
    ["oci/digest-mismatch", gzipSync(ARCHIVE), { diffId: digestOf(new Uint8Array(1)) }],
    ["oci/size-mismatch", gzipSync(ARCHIVE), { sizeBytes: 5 }],
    ["oci/layer-invalid", ARCHIVE, {}],
    ["oci/layer-unsupported", ARCHIVE, { mediaType: `${PLAIN}+encrypted` }],
  ])("refuses with %s", async (code, stored, change) => {
    expect(await codeOfAsync(() => archiveOf(layerOf(stored, change)))).toBe(code);
  });
  test("ends a layer that expands too far, and allows what is free", async () => {
    const bomb = gzipSync(new Uint8Array(1_000_000));
    const layer = layerOf(bomb, { diffId: digestOf(new Uint8Array(1_000_000)) });
    const limits = { freeBytes: 1_000_000, ratio: 100, maxBytes: 2_000_000 };
    expect((await archiveOf(layer, limits)).length).toBe(1_000_000);
    expect(await codeOfAsync(() => archiveOf(layer, { ...limits, freeBytes: 999_999 }))).toBe("oci/layer-too-large");
    expect(await codeOfAsync(() => archiveOf(layer, { ...limits, maxBytes: 999_999 }))).toBe("oci/layer-too-large");
  });
});
