import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import { archiveOf, buildImage, dockerArchiveFiles, layoutFiles } from "../../scripts/lib/image-builder.ts";
import { file } from "../../scripts/lib/tar-writer.ts";
import { parseImageSources } from "../../src/oci/image-source-option.ts";
import { createImageProvider } from "../../src/oci/image-provider.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { providerOptions } from "../fakes/image-provider.ts";
import { referenceLayer } from "../fakes/reference-layer.ts";
import type { FakeRegistry } from "../fakes/registry.ts";
import { ACCOUNTS, APP, createRegistryBench } from "../fakes/registry-bench.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const { registryWith, load } = createRegistryBench();
const directory = temporaryDirectory();
let caches = 0;
const newCache = (): string => join(directory, `cache-${caches++}`);

/** What must come out for an image. */
function hashesOf(image: typeof APP): readonly { readonly diffId: string; readonly rootHashHex: string }[] {
  return image.archives.map((archive) => ({
    diffId: `sha256:${new Bun.CryptoHasher("sha256").update(archive).digest("hex")}`,
    rootHashHex: referenceLayer(Buffer.from(archive)).rootHash,
  }));
}

const EXPECTED = hashesOf(APP);
const blobRequests = (registry: FakeRegistry): string[] =>
  registry.paths().filter((path) => APP.layers.some(({ digest }) => path.endsWith(digest)));

describe("Image.layerHashes()", () => {
  test("gives the root hashes of gzip, zstd and plain layers, oldest first", async () => {
    expect(await (await load(await registryWith())).layerHashes()).toEqual(EXPECTED);
  });

  test("fetches each layer once, also for the accounts and for those who ask twice", async () => {
    const registry = await registryWith();
    const image = await load(registry);
    const [hashes, accounts] = await Promise.all([image.layerHashes(), image.accounts(), image.layerHashes()]);
    expect([hashes, accounts]).toEqual([EXPECTED, ACCOUNTS]);
    expect(await image.accounts()).toEqual(ACCOUNTS);
    expect(blobRequests(registry)).toHaveLength(3);
  });

  test("needs neither network nor layers the second time, also for the accounts", async () => {
    const registry = await registryWith();
    const cacheDir = newCache();
    await (await load(registry, { cacheDir })).layerHashes();
    registry.stop();
    const again = await load(registry, { cacheDir, offline: true });
    expect(await again.layerHashes()).toEqual(EXPECTED);
    expect(await again.accounts()).toEqual(ACCOUNTS);
  });

  test("hashes no layer again that an interrupted run has finished", async () => {
    const registry = await registryWith();
    const cacheDir = newCache();
    const { digest: last } = APP.layers.at(-1)!;
    registry.intercept = ({ url = "" }, response) => url.endsWith(last) && Boolean(response.writeHead(404).end("{}"));
    expect(await codeOfAsync(async () => await (await load(registry, { cacheDir })).layerHashes())).toBe(
      "oci/image-not-found",
    );
    registry.intercept = () => false;
    registry.requests.length = 0;
    expect(await (await load(registry, { cacheDir })).layerHashes()).toEqual(EXPECTED);
    expect(blobRequests(registry)).toEqual([expect.stringContaining(last)]);
  });

  test("names all layers that are missing offline", async () => {
    const registry = await registryWith();
    const cacheDir = newCache();
    await load(registry, { cacheDir });
    const image = await load(registry, { cacheDir, offline: true });
    const error = await image.layerHashes().catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: "oci/offline-missing",
      details: { digest: APP.layers.map(({ digest }) => digest).join(" ") },
    });
  });

  test("refuses a cached layer that another image claims to be something else", async () => {
    const cacheDir = newCache();
    await (await load(await registryWith(), { cacheDir })).layerHashes();
    // The same stored layer with a configuration that promises another archive.
    const members = [file("etc/passwd", "old passwd"), file("etc/group", "group")];
    const honest = buildImage({ layers: [{ members }] });
    const config = honest.blobs.get(honest.config.digest)!;
    const lie = Buffer.from(
      Buffer.from(config)
        .toString()
        .replace(/sha256:[0-9a-f]{64}/, `sha256:${"0".repeat(64)}`),
    );
    const lying = buildImageWithConfig(honest, lie);
    const image = await load(await registryWith({}, lying), { cacheDir });
    expect(await codeOfAsync(() => image.layerHashes())).toBe("oci/digest-mismatch");
  });

  test("refuses a layer whose content is another one, and keeps nothing of it", async () => {
    const registry = await registryWith();
    const cacheDir = newCache();
    const { digest } = APP.layers[2]!;
    const bytes = Uint8Array.from(APP.archives[2]!);
    bytes[512] = 0x41;
    registry.corrupt(digest, bytes);
    const image = await load(registry, { cacheDir });
    expect(await codeOfAsync(() => image.layerHashes())).toBe("oci/digest-mismatch");
    const again = await load(registry, { cacheDir, offline: true });
    expect(await codeOfAsync(() => again.layerHashes())).toBe("oci/offline-missing");
  });

  test("takes images on disk, both formats", async () => {
    const layout = join(directory, "layout.tar");
    writeFileSync(layout, archiveOf(layoutFiles({ "app:v1": APP })));
    const saved = join(directory, "saved.tar");
    writeFileSync(saved, archiveOf(dockerArchiveFiles(APP, ["app:v1"])));
    for (const path of [layout, saved]) {
      const sources = parseImageSources([`app:v1=${path}`]);
      const image = await createImageProvider(providerOptions({ sources, offline: true })).image("app:v1");
      expect(await image.layerHashes()).toEqual(EXPECTED);
    }
  });

  test("still hashes a layer that contradicts itself about the accounts", async () => {
    const members = [{ ...file("etc/passwd", ""), type: "S" }];
    const odd = buildImage({ layers: [{ members }] });
    const image = await load(await registryWith({}, odd));
    expect(await image.layerHashes()).toEqual(hashesOf(odd));
    expect(await codeOfAsync(() => image.accounts())).toBe("oci/layer-invalid");
  });

  test("continues a large layer behind the byte where the connection broke", async () => {
    const large = buildImage({ layers: [{ members: [file("noise", randomBytes(6_000_000))], compression: "none" }] });
    const registry = await registryWith({}, large);
    const bytes = large.archives[0]!;
    const ranges: (string | undefined)[] = [];
    registry.intercept = ({ url = "", headers: { range } }, response) => {
      if (!url.endsWith(large.layers[0]!.digest)) return false;
      ranges.push(range);
      const from = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
      sendPart(response, bytes, from, from + 2_500_000);
      return true;
    };
    const image = await load(registry);
    expect(await image.layerHashes()).toEqual(hashesOf(large));
    expect(ranges.length).toBeGreaterThan(2);
    expect(ranges[0]).toBeUndefined();
  });

  test("refuses a part that starts elsewhere", async () => {
    const large = buildImage({ layers: [{ members: [file("noise", randomBytes(3_000_000))], compression: "none" }] });
    const registry = await registryWith({}, large);
    registry.intercept = ({ url = "", headers: { range } }, response) => {
      if (!url.endsWith(large.layers[0]!.digest)) return false;
      if (range === undefined) sendPart(response, large.archives[0]!, 0, 2_000_000);
      else response.writeHead(206, { "content-range": `bytes 7-9/${large.archives[0]!.length}` }).end("abc");
      return true;
    };
    const image = await load(registry);
    expect(await codeOfAsync(() => image.layerHashes())).toBe("oci/registry-answer-invalid");
  });
});

/** Answers with the rest of the bytes, and hangs up at `until`. */
function sendPart(response: ServerResponse, bytes: Uint8Array, from: number, until: number): void {
  const rest = bytes.subarray(from);
  const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from === 0 ? 200 : 206, { "content-length": rest.length, ...(from === 0 ? {} : range) });
  if (until >= bytes.length) response.end(rest);
  else response.write(bytes.subarray(from, until), () => setTimeout(() => response.destroy(), 20));
}

/** An image with another configuration and the manifest that names it. */
function buildImageWithConfig(image: typeof APP, config: Uint8Array): typeof APP {
  const digestOf = (bytes: Uint8Array): string =>
    `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
  const text = Buffer.from(image.blobs.get(image.descriptor.digest)!).toString();
  const manifest = Buffer.from(text.replace(image.config.digest, digestOf(config)));
  const blobs = new Map([...image.blobs, [digestOf(config), config], [digestOf(manifest), manifest]]);
  return { ...image, descriptor: { ...image.descriptor, digest: digestOf(manifest), size: manifest.length }, blobs };
}
