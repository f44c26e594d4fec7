import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { buildImage, buildIndex } from "../../scripts/lib/image-builder.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { parseIndex, parseManifest } from "../../src/oci/image-manifest.ts";
import { codeOf } from "../fakes/error-code.ts";

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const IMAGE = buildImage({ layers: [{ members: [] }] });
const MANIFEST = IMAGE.blobs.get(IMAGE.descriptor.digest)!;
const INDEX_IMAGE = buildIndex([{ image: IMAGE, platform: "linux/amd64" }]);
const INDEX = INDEX_IMAGE.blobs.get(INDEX_IMAGE.descriptor.digest)!;

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The sample manifest with members replaced; `undefined` removes one. */
function manifestWith(change: Readonly<Record<string, unknown>>): Uint8Array {
  return encode({ ...(JSON.parse(new TextDecoder().decode(MANIFEST)) as object), ...change });
}

function rejection(bytes: Uint8Array, claimedType?: string): string {
  return codeOf(() => parseManifest(bytes, claimedType, "manifest"));
}

describe("parseManifest()", () => {
  test("reads manifests and indexes of both families", () => {
    for (const family of ["oci", "docker"] as const) {
      const image = buildImage({ family, layers: [{ members: [] }] });
      const { descriptor, blobs } = image;
      const manifest = parseManifest(blobs.get(descriptor.digest)!, descriptor.mediaType, "x");
      expect(manifest).toMatchObject({ kind: "manifest", config: image.config, layers: [...image.layers] });
      const index = buildIndex([{ image, platform: "linux/arm64/v8" }], family);
      expect(parseManifest(index.blobs.get(index.descriptor.digest)!, index.descriptor.mediaType, "x")).toMatchObject({
        kind: "index",
        manifests: [{ ...descriptor, platform: { os: "linux", architecture: "arm64", variant: "v8" } }],
      });
    }
  });

  test("needs no media type inside and none claimed", () => {
    expect(parseManifest(manifestWith({ mediaType: undefined }), undefined, "x").kind).toBe("manifest");
  });

  test.each([
    ["a manifest claimed as an index", MANIFEST, OCI_INDEX],
    ["an index claimed as a manifest", INDEX, OCI_MANIFEST],
    ["a manifest claimed as something else", MANIFEST, "text/html"],
    ["a manifest that calls itself an index", manifestWith({ mediaType: OCI_INDEX }), OCI_MANIFEST],
  ])("rejects %s", (_, bytes, claimed) => {
    expect(rejection(bytes, claimed)).toBe("oci/media-type-mismatch");
  });

  test.each([
    ["the obsolete schema 1", encode({ schemaVersion: 1, fsLayers: [] })],
    [
      "a Helm chart",
      manifestWith({ config: { ...IMAGE.config, mediaType: "application/vnd.cncf.helm.config.v1+json" } }),
    ],
  ])("rejects %s", (_, bytes) => {
    expect(rejection(bytes)).toBe("oci/media-type-unsupported");
  });

  const config = (change: object): Uint8Array => manifestWith({ config: { ...IMAGE.config, ...change } });
  test.each([
    ["text that is not JSON", new TextEncoder().encode("<html>")],
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
    ["a list", encode([])],
    ["null", encode(null)],
    ["an empty object", encode({})],
    ["a manifest that is an index too", manifestWith({ manifests: [] })],
    ["trailing bytes", Buffer.concat([MANIFEST, Buffer.from("{}")])],
    ["another schema version", manifestWith({ schemaVersion: 3 })],
    ["a missing configuration", manifestWith({ config: undefined })],
    ["layers that are no list", manifestWith({ layers: {} })],
    ["more layers than any image has", manifestWith({ layers: Array.from({ length: 257 }, () => IMAGE.config) })],
    ["a negative size", config({ size: -1 })],
    ["a size that is no whole number", config({ size: 1.5 })],
    ["a size that is text", config({ size: "1" })],
    ["a digest of an unknown algorithm", config({ digest: `md5:${"0".repeat(32)}` })],
    ["a short digest", config({ digest: "sha256:00" })],
    ["a digest that leads to another file", config({ digest: "sha256:../../../etc/passwd" })],
    ["a digest with upper-case digits", config({ digest: `sha256:${"A".repeat(64)}` })],
    ["a document that is too large", encode({ schemaVersion: 2, filler: "x".repeat(4 * 1024 * 1024) })],
    ["nesting beyond the limit", new TextEncoder().encode(`${"[".repeat(5000)}${"]".repeat(5000)}`)],
  ])("rejects %s", (_, bytes) => {
    expect(rejection(bytes)).toBe("oci/manifest-invalid");
  });

  test("rejects the sample cut at every byte", () => {
    for (let length = 0; length < MANIFEST.length; length++) {
      expect(rejection(MANIFEST.subarray(0, length))).toBe("oci/manifest-invalid");
    }
  });

  test("answers damaged documents with a document or its own error", () => {
    fc.assert(
      fc.property(fc.nat(INDEX.length - 1), fc.nat(255), (position, value) => {
        const damaged = Uint8Array.from(INDEX);
        damaged[position] = value;
        try {
          parseManifest(damaged, OCI_INDEX, "index");
        } catch (error) {
          expect(error).toBeInstanceOf(ContrastError);
        }
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});

describe("parseIndex()", () => {
  test("accepts an index and refuses a manifest", () => {
    expect(parseIndex(INDEX, "index").manifests.length).toBe(1);
    expect(codeOf(() => parseIndex(MANIFEST, "index"))).toBe("oci/media-type-mismatch");
  });
});
