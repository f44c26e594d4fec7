import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { directory, encodeTarHeader, file, hardlink, symlink, writeTar } from "../../../scripts/lib/tar-writer.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { EXPANSION_LIMITS, type ExpansionLimits } from "../../../src/oci/read-archive.ts";
import type { StoredLayer } from "../../../src/oci/stored-layer.ts";
import { createChunkPool } from "../../../src/oci/verity/chunk-pool.ts";
import { hashLayer } from "../../../src/oci/verity/hash-layer.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { referenceLayer } from "../../fakes/reference-layer.ts";
import { streamOf } from "../../fakes/stream-of.ts";

const PLAIN = "application/vnd.oci.image.layer.v1.tar";
const ARCHIVE = writeTar([
  directory("bin"),
  { ...file("bin/tool", "x".repeat(100_000)), mode: 0o755 },
  symlink("sh", "bin/tool"),
  hardlink("bin/other", "bin/tool"),
  file("etc/.wh.gone", ""),
]);
const ROOT = referenceLayer(Buffer.from(ARCHIVE)).rootHash;
/** All threads that these tests start must work. */
const noFailure = (error: Error): never => {
  throw error;
};
const pool = createChunkPool(noFailure, 0);

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

function layerOf(stored: Uint8Array, mediaType: string, archive: Uint8Array = ARCHIVE): StoredLayer {
  const open = async (): Promise<AsyncIterable<Uint8Array>> => streamOf(stored);
  return { digest: digestOf(stored), sizeBytes: stored.length, mediaType, diffId: digestOf(archive), open };
}

async function rootOf(layer: StoredLayer, limits?: ExpansionLimits): Promise<string> {
  return (await hashLayer(layer, { pool, onBytes: () => {}, limits })).rootHashHex;
}

describe("hashLayer()", () => {
  test.each([
    ["plain", PLAIN, ARCHIVE],
    ["gzip", `${PLAIN}+gzip`, Bun.gzipSync(ARCHIVE.slice())],
    ["zstd", `${PLAIN}+zstd`, Bun.zstdCompressSync(ARCHIVE)],
    [
      "gzip of two members",
      `${PLAIN}+gzip`,
      Buffer.concat([Bun.gzipSync(ARCHIVE.slice(0, 3000)), Bun.gzipSync(ARCHIVE.slice(3000))]),
    ],
    [
      "zstd of two frames",
      `${PLAIN}+zstd`,
      Buffer.concat([Bun.zstdCompressSync(ARCHIVE.slice(0, 3000)), Bun.zstdCompressSync(ARCHIVE.slice(3000))]),
    ],
  ])("gives the same root for a layer that is stored as %s", async (_, mediaType, stored) => {
    expect(await rootOf(layerOf(stored, mediaType))).toBe(ROOT);
  });

  test("counts what lies behind the end of the archive, as the digest does", async () => {
    const longer = Buffer.concat([ARCHIVE, Buffer.alloc(10_000, 1)]);
    const expected = referenceLayer(longer).rootHash;
    expect(expected).not.toBe(ROOT);
    expect(await rootOf(layerOf(longer, PLAIN, longer))).toBe(expected);
  });

  test("tells how many stored bytes have arrived", async () => {
    let seen = 0;
    const stored = Bun.gzipSync(ARCHIVE.slice());
    await hashLayer(layerOf(stored, `${PLAIN}+gzip`), { pool, onBytes: (count) => (seen += count) });
    expect(seen).toBe(stored.length);
  });

  test("returns nothing unless both digests and the size are right", async () => {
    const other = Uint8Array.from(ARCHIVE);
    other[1024 + 10] = 1; // Content of a file.
    const gzip = Bun.gzipSync(ARCHIVE.slice());
    const layer = layerOf(gzip, `${PLAIN}+gzip`);
    const plain = layerOf(ARCHIVE, PLAIN);
    const code = (changed: StoredLayer): Promise<string> => codeOfAsync(() => rootOf(changed));
    expect(await code({ ...layer, diffId: digestOf(other) })).toBe("oci/digest-mismatch");
    expect(await code({ ...layer, digest: digestOf(other) })).toBe("oci/digest-mismatch");
    expect(await code({ ...layer, sizeBytes: gzip.length - 1 })).toBe("oci/size-mismatch");
    expect(await code({ ...layer, sizeBytes: gzip.length + 1 })).toBe("oci/size-mismatch");
    expect(await code({ ...plain, open: async () => streamOf(other) })).toBe("oci/digest-mismatch");
    expect(await code({ ...plain, diffId: digestOf(other) })).toBe("oci/digest-mismatch");
  });

  test("rejects a compressed layer that is cut at any byte", async () => {
    const small = writeTar([file("f", "x")]);
    for (const [type, stored] of [
      ["gzip", Bun.gzipSync(small.slice())],
      ["zstd", Bun.zstdCompressSync(small)],
    ] as const) {
      for (let length = 0; length < stored.length; length++) {
        const layer = layerOf(stored.subarray(0, length), `${PLAIN}+${type}`, small);
        expect(await codeOfAsync(() => rootOf(layer))).toBe("oci/layer-invalid");
      }
    }
  });

  test("rejects a connection that breaks with its own reason", async () => {
    const open = async (): Promise<AsyncIterable<Uint8Array>> =>
      (async function* (): AsyncGenerator<Uint8Array> {
        yield ARCHIVE.subarray(0, 700);
        throw new ContrastError("lib/network-unreachable", "the connection broke");
      })();
    expect(await codeOfAsync(() => rootOf({ ...layerOf(ARCHIVE, PLAIN), open }))).toBe("lib/network-unreachable");
  });

  test("rejects layers that inflate without end, before they do", async () => {
    const limits = { ...EXPANSION_LIMITS, freeBytes: 1024 * 1024 };
    const header = encodeTarHeader({ name: "zeros" }, 8 * 1024 * 1024);
    const archive = Buffer.concat([header, Buffer.alloc(9 * 1024 * 1024)]);
    for (const [type, stored] of [
      ["gzip", Bun.gzipSync(archive)],
      ["zstd", Bun.zstdCompressSync(archive)],
    ] as const) {
      const layer = layerOf(stored, `${PLAIN}+${type}`, archive);
      expect(await codeOfAsync(() => rootOf(layer, limits))).toBe("oci/layer-too-large");
      expect(await codeOfAsync(() => rootOf(layer))).not.toBe("oci/layer-too-large");
    }
  });

  test.each([
    ["encrypted", `${PLAIN}+gzip+encrypted`],
    ["of another kind", "application/vnd.oci.image.layer.squashfs"],
  ])("rejects a layer that is %s", async (_, mediaType) => {
    expect(await codeOfAsync(() => rootOf(layerOf(ARCHIVE, mediaType)))).toBe("oci/layer-unsupported");
  });

  test("shows the archive to a companion, and goes on when that one gives up", async () => {
    const layer = layerOf(ARCHIVE, PLAIN);
    const seen: string[] = [];
    const companion = {
      wants: ({ path }: { path: string }): boolean => path === "bin/tool",
      entry: ({ path }: { path: string }, content: Uint8Array | undefined): void =>
        void seen.push(`${path} ${content?.length ?? "-"}`),
      refuse: (): Error => new Error("never asked"),
    };
    const whole = await hashLayer(layer, { pool, onBytes: () => {}, companion });
    expect(whole).toEqual({ rootHashHex: ROOT, companionFailure: undefined });
    expect(seen).toEqual(["bin/ -", "bin/tool 100000", "sh -", "bin/other -", "etc/.wh.gone -"]);

    const refusal = new ContrastError("oci/layer-too-large", "too much for me");
    const failing = {
      ...companion,
      wants: (): boolean => {
        throw refusal;
      },
    };
    const rest = await hashLayer(layer, { pool, onBytes: () => {}, companion: failing });
    expect(rest).toEqual({ rootHashHex: ROOT, companionFailure: refusal });
  });
});
