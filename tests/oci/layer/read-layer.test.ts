import { describe, expect, test } from "bun:test";
import { buildImage, digestOf, type LayerInput } from "../../../scripts/lib/image-builder.ts";
import { file, symlink, writeTar } from "../../../scripts/lib/tar-writer.ts";
import { streamOf } from "../../fakes/stream-of.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { readLayer } from "../../../src/oci/layer/read-layer.ts";
import { EXPANSION_LIMITS, type ExpansionLimits } from "../../../src/oci/read-archive.ts";
import { watch } from "../../../src/oci/layer/watched-paths.ts";
import type { StoredLayer } from "../../../src/oci/stored-layer.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";

const PATHS = watch(["etc/passwd"]);
const MEMBERS = [file("etc/passwd", "root:x:0:0::/:\n"), file("filler", "x".repeat(100_000))];
const ARCHIVE = writeTar(MEMBERS);

function layerOf(input: LayerInput, change: Partial<StoredLayer> = {}, bytes?: Uint8Array): StoredLayer {
  const image = buildImage({ layers: [input] });
  const { digest, size, mediaType } = image.layers[0]!;
  const stored = bytes ?? image.blobs.get(digest)!;
  const open = (): Promise<AsyncIterable<Uint8Array>> => Promise.resolve(streamOf(stored));
  return { digest, sizeBytes: size, mediaType, diffId: digestOf(image.archives[0]!), open, ...change };
}

/** A layer whose digests and size are right for damaged bytes, so that only the content is wrong. */
function honestLayer(bytes: Uint8Array, mediaType: string, archive: Uint8Array = ARCHIVE): StoredLayer {
  const open = (): Promise<AsyncIterable<Uint8Array>> => Promise.resolve(streamOf(bytes));
  return { digest: digestOf(bytes), sizeBytes: bytes.length, mediaType, diffId: digestOf(archive), open };
}

async function passwdOf(layer: StoredLayer, limits?: ExpansionLimits): Promise<unknown> {
  const facts = await readLayer(layer, PATHS, () => {}, limits);
  return facts.get("etc/passwd")?.entry;
}

function rejection(layer: StoredLayer, limits?: ExpansionLimits): Promise<string> {
  return codeOfAsync(() => passwdOf(layer, limits));
}

const EXPECTED = { kind: "file", content: "root:x:0:0::/:\n" };
const GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

describe("readLayer()", () => {
  test.each(["none", "gzip", "zstd"] as const)("reads a layer with compression %s", async (compression) => {
    expect(await passwdOf(layerOf({ members: MEMBERS, compression }))).toEqual(EXPECTED);
  });

  test("reads gzip of several members and zstd of several frames", async () => {
    const [first, second] = [ARCHIVE.slice(0, 700), ARCHIVE.slice(700)];
    const gzip = Buffer.concat([Bun.gzipSync(first), Bun.gzipSync(second)]);
    expect(await passwdOf(honestLayer(gzip, GZIP))).toEqual(EXPECTED);
    const zstd = Buffer.concat([Bun.zstdCompressSync(first), Bun.zstdCompressSync(second)]);
    expect(await passwdOf(honestLayer(zstd, ZSTD))).toEqual(EXPECTED);
  });

  test("reads names of thousands of parts in time that grows with their length only", async () => {
    // Looking at every directory above each name took a second for one entry.
    const deep = "a/".repeat(16_000);
    const files = Array.from({ length: 50 }, (_, n) => ({ ...file("x", ""), pax: { path: `${deep}${n}` } }));
    const members = [{ ...symlink("x", "/etc"), pax: { path: `${deep}link` } }, ...files];
    expect(await passwdOf(layerOf({ members: [...MEMBERS, ...members] }))).toEqual(EXPECTED);
  });

  test("tells how many stored bytes have arrived", async () => {
    const layer = layerOf({ members: MEMBERS });
    let seen = 0;
    await readLayer(layer, PATHS, (count) => (seen += count));
    expect(seen).toBe(layer.sizeBytes);
  });

  test.each([
    ["application/vnd.oci.image.layer.v1.tar+gzip+encrypted"],
    ["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"],
    ["application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"],
    ["application/vnd.oci.image.layer.squashfs"],
    ["constructor"],
  ])("rejects the type %s", async (mediaType) => {
    expect(await rejection(layerOf({ members: MEMBERS, mediaType }))).toBe("oci/layer-unsupported");
  });

  test("rejects a stored form with another digest, a smaller and a larger size", async () => {
    const input = { members: MEMBERS, compression: "none" } as const;
    const other = Uint8Array.from(ARCHIVE);
    other[512 + 100] = 1; // Padding, which changes no entry.
    expect(await rejection(layerOf(input, {}, other))).toBe("oci/digest-mismatch");
    expect(await rejection(layerOf(input, { sizeBytes: ARCHIVE.length + 1 }))).toBe("oci/size-mismatch");
    expect(await rejection(layerOf(input, { sizeBytes: ARCHIVE.length - 1 }))).toBe("oci/size-mismatch");
    expect(await rejection(layerOf(input, { sizeBytes: 0 }, new Uint8Array()))).toBe("oci/digest-mismatch");
  });

  test("rejects a layer whose content has another diff_id", async () => {
    expect(await rejection(layerOf({ members: MEMBERS }, { diffId: digestOf(new Uint8Array()) }))).toBe(
      "oci/digest-mismatch",
    );
  });

  test.each([
    ["gzip that is cut off", Bun.gzipSync(ARCHIVE.slice()).subarray(0, -5), GZIP],
    ["gzip with garbage behind it", Buffer.concat([Bun.gzipSync(ARCHIVE.slice()), Buffer.from("garbage")]), GZIP],
    ["no bytes at all", new Uint8Array(), GZIP],
    ["an archive that is not compressed", ARCHIVE, GZIP],
    ["zstd that is cut off", Bun.zstdCompressSync(ARCHIVE).subarray(0, -5), ZSTD],
    ["zstd with garbage behind it", Buffer.concat([Bun.zstdCompressSync(ARCHIVE), Buffer.from("garbage")]), ZSTD],
    ["compressed bytes that are no archive", Bun.gzipSync(Buffer.from("no archive".repeat(100))), GZIP],
  ])("rejects %s", async (_, bytes, mediaType) => {
    expect(await rejection(honestLayer(bytes, mediaType))).toBe("oci/layer-invalid");
  });

  test("rejects bombs, whether by ratio or by size, but not small layers of zeros", async () => {
    const zeros = writeTar([file("zeros", new Uint8Array(1024 * 1024))]);
    const limits = { freeBytes: 64 * 1024, ratio: 100, maxBytes: 2 ** 30 };
    for (const compression of ["gzip", "zstd"] as const) {
      const layer = layerOf({ archive: zeros, compression });
      expect(await rejection(layer, limits)).toBe("oci/layer-too-large");
      expect(await rejection(layer, { ...EXPANSION_LIMITS, maxBytes: 1024 * 1024 })).toBe("oci/layer-too-large");
      expect(await passwdOf(layer, { ...limits, freeBytes: 2 * 1024 * 1024 })).toBeUndefined();
    }
  });

  test("tells the reason of the source rather than that of the decompression", async () => {
    const open = (): Promise<AsyncIterable<Uint8Array>> =>
      Promise.resolve(
        (async function* (): AsyncGenerator<Uint8Array> {
          yield Bun.gzipSync(ARCHIVE.slice()).subarray(0, 20);
          throw new ContrastError("lib/network-unreachable", "the connection broke");
        })(),
      );
    expect(await rejection(layerOf({ members: MEMBERS }, { open }))).toBe("lib/network-unreachable");
  });

  test("rejects a stored layer cut at any byte", async () => {
    const stored = Bun.gzipSync(writeTar([file("etc/passwd", "root")]).slice());
    for (let length = 0; length < stored.length; length++) {
      const code = await rejection(honestLayer(stored.subarray(0, length), GZIP));
      expect(code).toBe("oci/layer-invalid");
    }
  });
});
