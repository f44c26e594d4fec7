import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BuiltImage,
  type BuiltPlatformImage,
  archiveOf,
  buildImage,
  buildIndex,
  dockerArchiveFiles,
  layoutFiles,
  writeFiles,
} from "../../../scripts/lib/image-builder.ts";
import { file, symlink, writeTar } from "../../../scripts/lib/tar-writer.ts";
import type { Image } from "../../../src/oci/image.ts";
import { createImageProvider } from "../../../src/oci/image-provider.ts";
import { parseImageSources } from "../../../src/oci/image-source-option.ts";
import { pinReference } from "../../../src/oci/pin-reference.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { providerOptions } from "../../fakes/image-provider.ts";
import { ABSENT_DIGEST } from "../../fakes/registry.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const root = temporaryDirectory();
let count = 0;

type Files = ReadonlyMap<string, Uint8Array>;

/** Writes an image store in both forms and returns the paths of the directory and of the tar. */
function store(files: Files): { readonly directory: string; readonly archive: string } {
  const directory = join(root, `store-${count++}`);
  mkdirSync(directory);
  writeFiles(directory, files);
  writeFileSync(`${directory}.tar`, archiveOf(files));
  return { directory, archive: `${directory}.tar` };
}

/** Loads a reference from a path, without network and cache. */
function load(reference: string, path: string): Promise<Image> {
  const sources = parseImageSources([`${reference}=${path}`]);
  return createImageProvider(providerOptions({ sources, offline: true })).image(reference);
}

function rejection(reference: string, path: string): Promise<string> {
  return codeOfAsync(() => load(reference, path));
}

function appImage(name: string, change: { readonly architecture?: string } = {}): BuiltPlatformImage {
  return buildImage({
    config: { User: name, Env: [`NAME=${name}`], Cmd: ["/app"] },
    layers: [
      { members: [file("etc/passwd", `passwd of ${name}`)] },
      { members: [file("etc/group", "group")], compression: "zstd" },
    ],
    ...change,
  });
}

const APP = appImage("app");
const OTHER = appImage("other");
const MULTI = buildIndex([
  { image: appImage("arm", { architecture: "arm64" }), platform: "linux/arm64" },
  { image: APP, platform: "linux/amd64" },
]);

describe("OCI layouts", () => {
  const layout = store(layoutFiles({ v1: APP, "other.example/app:v2": OTHER, multi: MULTI }));

  test.each(["directory", "archive"] as const)("are read from a %s by tag, full name and digest", async (form) => {
    const path = layout[form];
    const image = await load("app:v1", path);
    expect(image).toMatchObject({
      reference: "app:v1",
      digest: APP.descriptor.digest,
      digestOrigin: "registry",
      manifestDigest: APP.descriptor.digest,
      config: { User: "app", Env: ["NAME=app"], Cmd: ["/app"] },
    });
    expect(await image.accounts()).toEqual({ passwd: "passwd of app", group: "group" });
    expect((await load("other.example/app:v2", path)).config.User).toBe("other");
    expect((await load(`app@${OTHER.descriptor.digest}`, path)).digest).toBe(OTHER.descriptor.digest);
    expect((await load(`app:v1@${OTHER.descriptor.digest}`, path)).config.User).toBe("other");
  });

  test("resolve an index, whose digest is the pin, and prove the digest of the index and of its manifests", async () => {
    const image = await load("app:multi", layout.directory);
    expect(image).toMatchObject({ digest: MULTI.descriptor.digest, manifestDigest: APP.descriptor.digest });
    expect((await load(`app@${MULTI.descriptor.digest}`, layout.directory)).manifestDigest).toBe(APP.descriptor.digest);
    const only = store(layoutFiles({ multi: MULTI }));
    expect((await load(`app@${APP.descriptor.digest}`, only.archive)).digest).toBe(APP.descriptor.digest);
  });

  test("need no name when there is one image, but refuse a wrong digest and unknown names among several", async () => {
    const single = store(layoutFiles({ "": APP }));
    expect((await load("whatever:v9", single.directory)).config.User).toBe("app");
    expect(await rejection(`app@${ABSENT_DIGEST}`, single.directory)).toBe("oci/image-not-found");
    expect(await rejection("app:v3", layout.directory)).toBe("oci/image-not-found");
    expect(await rejection("app", store(layoutFiles({})).directory)).toBe("oci/image-not-found");
  });

  test("refuse one name for two images", async () => {
    const files = layoutFiles({ v1: APP, "docker.io/library/app:v1": OTHER });
    expect(await rejection("app:v1", store(files).directory)).toBe("oci/image-not-found");
  });

  const damaged = (change: (files: Map<string, Uint8Array>, blob: (digest: string) => string) => void): Files => {
    const files = layoutFiles({ v1: APP });
    change(files, (digest) => `blobs/${digest.replace(":", "/")}`);
    return files;
  };
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  test.each<[string, string, Files]>([
    [
      "an unknown layout version",
      "oci/archive-invalid",
      damaged((files) => files.set("oci-layout", text('{"imageLayoutVersion":"2.0"}'))),
    ],
    ["a missing index", "oci/archive-invalid", damaged((files) => files.delete("index.json"))],
    ["a missing manifest", "oci/archive-invalid", damaged((files, blob) => files.delete(blob(APP.descriptor.digest)))],
    ["a missing configuration", "oci/archive-invalid", damaged((files, blob) => files.delete(blob(APP.config.digest)))],
    [
      "an index that is a manifest",
      "oci/media-type-mismatch",
      damaged((files) => files.set("index.json", APP.blobs.get(APP.descriptor.digest)!)),
    ],
    [
      "a manifest of another size",
      "oci/size-mismatch",
      damaged((files, blob) => files.set(blob(APP.descriptor.digest), text("{}"))),
    ],
    [
      "a configuration with other content",
      "oci/digest-mismatch",
      damaged((files, blob) => files.set(blob(APP.config.digest), new Uint8Array(APP.config.size))),
    ],
  ])("refuse %s with %s", async (_, code, files) => {
    const { directory, archive } = store(files);
    expect(await rejection("app:v1", directory)).toBe(code);
    expect(await rejection("app:v1", archive)).toBe(code);
  });

  test("check a layer only when it is read", async () => {
    const files = damaged((files, blob) => files.set(blob(APP.layers[0]!.digest), new Uint8Array(APP.layers[0]!.size)));
    const image = await load("app:v1", store(files).directory);
    expect(await codeOfAsync(() => image.accounts())).toBe("oci/digest-mismatch");
    const missing = await load(
      "app:v1",
      store(damaged((files, blob) => files.delete(blob(APP.layers[0]!.digest)))).archive,
    );
    expect(await codeOfAsync(() => missing.accounts())).toBe("oci/archive-invalid");
  });
});

describe("docker-archives", () => {
  const path = store(dockerArchiveFiles(APP, ["app:v1", "registry.example/app:v1"])).archive;

  test("are read by any of their names, and by any name if there is one image", async () => {
    for (const reference of ["app:v1", "registry.example/app:v1", "unrelated"]) {
      const image = await load(reference, path);
      expect(image).toMatchObject({ digest: APP.config.digest, digestOrigin: "image-id", config: { User: "app" } });
      expect(await image.accounts()).toEqual({ passwd: "passwd of app", group: "group" });
    }
  });

  test("cannot prove a digest and cannot be pinned", async () => {
    expect(await rejection(`app@${APP.descriptor.digest}`, path)).toBe("oci/digest-unprovable");
    const image = await load("app:v1", path);
    expect(codeOf(() => pinReference(image))).toBe("oci/digest-unprovable");
  });

  test("follow links to layers, as older versions of Docker wrote them", async () => {
    const files = dockerArchiveFiles(APP, ["app:v1"]);
    const marker = JSON.parse(new TextDecoder().decode(files.get("manifest.json"))) as [{ Layers: string[] }];
    const [first, second] = marker[0].Layers as [string, string];
    marker[0].Layers = ["a/layer.tar", second];
    files.set("manifest.json", new TextEncoder().encode(JSON.stringify(marker)));
    const members = [...files].map(([name, content]) => ({ name, content }));
    const archive = join(root, "links.tar");
    writeFileSync(archive, writeTar([...members, symlink("a/layer.tar", `../${first}`)]));
    expect(await (await load("app:v1", archive)).accounts()).toEqual({ passwd: "passwd of app", group: "group" });
    writeFileSync(archive, writeTar([...members, symlink("a/layer.tar", "layer.tar")]));
    expect(await rejection("app:v1", archive)).toBe("oci/archive-invalid");
  });

  test("that are OCI layouts too count as such", async () => {
    const both = new Map([...dockerArchiveFiles(APP, ["app:v1"]), ...layoutFiles({ v1: APP })]);
    expect((await load(`app@${APP.descriptor.digest}`, store(both).archive)).digestOrigin).toBe("registry");
  });

  const changed = (
    change: (image: { Config: string; RepoTags: unknown; Layers: string[] }, files: Map<string, Uint8Array>) => void,
  ): Files => {
    const files = dockerArchiveFiles(APP, ["app:v1"]);
    const marker = JSON.parse(new TextDecoder().decode(files.get("manifest.json"))) as [
      { Config: string; RepoTags: unknown; Layers: string[] },
    ];
    change(marker[0], files);
    files.set("manifest.json", new TextEncoder().encode(JSON.stringify(marker)));
    return files;
  };

  test.each<[string, string, Files]>([
    ["a missing layer file", "oci/archive-invalid", changed((image) => (image.Layers[0] = "absent.tar"))],
    ["fewer layers than configured", "oci/archive-invalid", changed((image) => image.Layers.pop())],
    ["names that are no list", "oci/archive-invalid", changed((image) => (image.RepoTags = "app:v1"))],
    [
      "a configuration with other content",
      "oci/digest-mismatch",
      changed((image, files) => files.set(image.Config, new TextEncoder().encode("{}"))),
    ],
    [
      "a configuration that is none",
      "oci/config-invalid",
      changed((image, files) => ((image.Config = "x.json"), files.set("x.json", new TextEncoder().encode("{}")))),
    ],
  ])("refuse %s with %s", async (_, code, files) => {
    expect(await rejection("app:v1", store(files).archive)).toBe(code);
  });

  test("refuse to guess among several images", async () => {
    const files = dockerArchiveFiles(APP, ["app:v1"]);
    const [one] = JSON.parse(new TextDecoder().decode(files.get("manifest.json"))) as [object];
    files.set("manifest.json", new TextEncoder().encode(JSON.stringify([one, { ...one, RepoTags: ["app:v2"] }])));
    const { archive } = store(files);
    expect((await load("app:v2", archive)).config.User).toBe("app");
    expect(await rejection("app:v3", archive)).toBe("oci/image-not-found");
  });

  test("refuse layers in the wrong order when they are read", async () => {
    const image = await load("app:v1", store(changed((image) => (image.Layers = image.Layers.toReversed()))).archive);
    expect(await codeOfAsync(() => image.accounts())).toBe("oci/digest-mismatch");
  });
});

describe("image sources", () => {
  const tarOf = (...parts: Uint8Array[]): string => {
    const path = join(root, `raw-${count++}.tar`);
    writeFileSync(path, Buffer.concat(parts));
    return path;
  };
  const files = layoutFiles({ v1: APP });
  const layoutTar = archiveOf(files);
  const MARKER = files.get("oci-layout")!;

  test.each<[string, () => string]>([
    ["a path that does not exist", () => join(root, "absent")],
    ["a device", () => "/dev/null"],
    ["an empty directory", () => store(new Map()).directory],
    ["an empty file", () => tarOf()],
    ["garbage", () => tarOf(Buffer.from("garbage".repeat(500)))],
    ["a compressed archive", () => tarOf(Bun.gzipSync(layoutTar.slice()))],
    ["an archive that is cut off", () => tarOf(layoutTar.subarray(0, 1000))],
    ["two files of the same name", () => tarOf(layoutTar.subarray(0, -1024), writeTar([file("./oci-layout", MARKER)]))],
    ["a link in a circle", () => tarOf(writeTar([symlink("oci-layout", "oci-layout")]))],
  ])("refuse %s", async (_, path) => {
    expect(await rejection("app:v1", path())).toBe("oci/archive-invalid");
  });

  test("may be reached through a symbolic link", async () => {
    const { directory } = store(layoutFiles({ v1: APP }));
    symlinkSync(directory, join(root, "linked"));
    expect((await load("app:v1", join(root, "linked"))).config.User).toBe("app");
  });

  test("are left when the user interrupts", async () => {
    const sources = parseImageSources([`app:v1=${store(layoutFiles({ v1: APP })).directory}`]);
    const controller = new AbortController();
    const image = await createImageProvider(providerOptions({ sources, signal: controller.signal })).image("app:v1");
    controller.abort();
    expect(await codeOfAsync(() => image.accounts())).toBe("lib/interrupted");
  });

  test("share one reading of an archive among references", async () => {
    const { archive } = store(layoutFiles({ v1: APP, v2: OTHER }));
    const sources = parseImageSources([`app:v1=${archive}`, `app:v2=${archive}`]);
    const provider = createImageProvider(providerOptions({ sources, offline: true }));
    const images: BuiltImage[] = [APP, OTHER];
    const loaded = await Promise.all(
      ["app:v1", "app:v2", "docker.io/library/app:v1"].map((name) => provider.image(name)),
    );
    expect(loaded.map(({ digest }) => digest)).toEqual([...images, APP].map(({ descriptor }) => descriptor.digest));
  });
});
