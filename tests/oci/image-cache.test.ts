import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, digestOf } from "../../scripts/lib/image-builder.ts";
import { file, symlink } from "../../scripts/lib/tar-writer.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import type { Image, ImageProvider } from "../../src/oci/image.ts";
import { openImageCache } from "../../src/oci/image-cache.ts";
import { createImageProvider, type ImageProviderOptions } from "../../src/oci/image-provider.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { providerOptions, recordLog } from "../fakes/image-provider.ts";
import { type FakeRegistry, startRegistry } from "../fakes/registry.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const root = temporaryDirectory();
let count = 0;
const newDirectory = (): string => join(root, `cache-${count++}`);

const APP = buildImage({
  config: { User: "app" },
  layers: [{ members: [file("etc/group", "group")] }, { members: [file("etc/passwd", "passwd")] }],
});
const registries: FakeRegistry[] = [];
afterAll(() => {
  for (const registry of registries) registry.stop();
});

async function registryWithApp(): Promise<FakeRegistry> {
  const registry = await startRegistry();
  registries.push(registry);
  registry.push("app", "v1", APP);
  return registry;
}

function providerFor(registry: FakeRegistry, options: Partial<ImageProviderOptions>): ImageProvider {
  return createImageProvider(providerOptions({ insecureRegistries: [`http://${registry.host}`], ...options }));
}

async function factsOf(image: Image): Promise<unknown> {
  const { digest, manifestDigest, config } = image;
  return { digest, manifestDigest, config, accounts: await image.accounts() };
}

const FACTS = {
  digest: APP.descriptor.digest,
  manifestDigest: APP.descriptor.digest,
  config: { User: "app" },
  accounts: { passwd: "passwd", group: "group" },
};

/** All files below a directory. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function errorOf(task: Promise<unknown>): Promise<ContrastError> {
  const error = await task.then(
    () => new Error("no error"),
    (error: unknown) => error,
  );
  if (error instanceof ContrastError) return error;
  throw error;
}

describe("the image cache", () => {
  test("serves a pinned reference without any request, and a tag after asking once what it means", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    await factsOf(await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`));
    registry.requests.length = 0;
    const provider = providerFor(registry, { cacheDir });
    expect(await factsOf(await provider.image(`${registry.host}/app@${APP.descriptor.digest}`))).toEqual(FACTS);
    expect(registry.paths()).toEqual([]);
    expect(await factsOf(await provider.image(`${registry.host}/app:v1`))).toEqual(FACTS);
    expect(registry.paths()).toEqual(["app/manifests/v1"]);
  });

  test("never takes a remembered tag for the truth", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`);
    registry.push("app", "v1", buildImage({ config: { User: "newer" } }));
    expect((await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`)).config.User).toBe("newer");
  });

  test("lets a run without network use what a tag meant last, and logs how old that is", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    await factsOf(await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`));
    registry.requests.length = 0;
    const log = recordLog();
    const now = (): Date => new Date("2025-06-01T13:00:00Z");
    const offline = providerFor(registry, { cacheDir, offline: true, log, now });
    expect(await factsOf(await offline.image(`${registry.host}/app:v1`))).toEqual(FACTS);
    expect(registry.requests).toEqual([]);
    expect(log.lines.join("\n")).toContain('"ageMs":3600000');
  });

  test("ignores damaged entries and fetches them again", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    const reference = `${registry.host}/app@${APP.descriptor.digest}`;
    await factsOf(await providerFor(registry, { cacheDir }).image(reference));
    const files = filesIn(cacheDir);
    expect(files.length).toBe(4);
    for (const damage of [
      (path: string) => writeFileSync(path, ""),
      (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace("a", "b")),
    ]) {
      for (const path of files) damage(path);
      registry.requests.length = 0;
      const log = recordLog();
      expect(await factsOf(await providerFor(registry, { cacheDir, log }).image(reference))).toEqual(FACTS);
      expect(registry.paths().length).toBe(4);
      expect(log.lines.filter((line) => line.startsWith("warn ignoring a damaged entry")).length).toBe(4);
    }
    expect(filesIn(cacheDir).toSorted()).toEqual(files.toSorted());
  });

  test("refuses an image whose configuration claims another content for a known layer", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    await factsOf(await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`));
    const config = JSON.parse(Buffer.from(APP.blobs.get(APP.config.digest)!).toString()) as {
      rootfs: { diff_ids: string[] };
    };
    config.rootfs.diff_ids[1] = digestOf(new Uint8Array());
    const configBytes = Buffer.from(JSON.stringify(config));
    const manifest = JSON.parse(Buffer.from(APP.blobs.get(APP.descriptor.digest)!).toString()) as { config: object };
    manifest.config = { ...APP.config, digest: digestOf(configBytes), size: configBytes.length };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const blobs = new Map([...APP.blobs, [digestOf(configBytes), configBytes], [digestOf(bytes), bytes]]);
    const descriptor = { ...APP.descriptor, digest: digestOf(bytes), size: bytes.length };
    registry.push("app", "liar", { descriptor, blobs });
    const image = await providerFor(registry, { cacheDir }).image(`${registry.host}/app:liar`);
    expect(await codeOfAsync(() => image.accounts())).toBe("oci/digest-mismatch");
  });

  test("refuses a manifest that names a known blob with another size", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`);
    const manifest = JSON.parse(Buffer.from(APP.blobs.get(APP.descriptor.digest)!).toString()) as { config: object };
    manifest.config = { ...APP.config, size: APP.config.size + 1 };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const descriptor = { ...APP.descriptor, digest: digestOf(bytes), size: bytes.length };
    registry.push("app", "liar", { descriptor, blobs: new Map([...APP.blobs, [descriptor.digest, bytes]]) });
    const code = await codeOfAsync(() => providerFor(registry, { cacheDir }).image(`${registry.host}/app:liar`));
    expect(code).toBe("oci/size-mismatch");
  });

  test("is used by several runs at once", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    const runs = Array.from({ length: 8 }, async () =>
      factsOf(await providerFor(registry, { cacheDir }).image(`${registry.host}/app:v1`)),
    );
    expect(await Promise.all(runs)).toEqual(Array.from({ length: 8 }, () => FACTS));
    expect(filesIn(cacheDir).some((path) => path.endsWith(".tmp"))).toBe(false);
  });

  test("survives a process that is killed while it writes, beside others that finish", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    const reference = `${registry.host}/app:v1`;
    const program = `
      import { createImageProvider } from "./src/oci/image-provider.ts";
      import { providerOptions } from "./tests/fakes/image-provider.ts";
      const [cacheDir, host, mode] = process.argv.slice(1);
      const options = providerOptions({ cacheDir, insecureRegistries: ["http://" + host] });
      const image = await createImageProvider(options).image(host + "/app:v1");
      if (mode === "die") process.kill(process.pid, "SIGKILL");
      const { passwd } = await image.accounts();
      console.log(passwd);`;
    const run = async (mode: string): Promise<string> => {
      const child = Bun.spawn([process.execPath, "-e", program, cacheDir, registry.host, mode], { stderr: "inherit" });
      return (await new Response(child.stdout).text()).trim();
    };
    expect(await Promise.all([run("die"), run("finish"), run("finish")])).toEqual(["", "passwd", "passwd"]);
    expect(await factsOf(await providerFor(registry, { cacheDir, offline: true }).image(reference))).toEqual(FACTS);
  });

  test("costs one warning, not the run, when it cannot be written", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    writeFileSync(cacheDir, "a file in the place of the directory");
    const log = recordLog();
    expect(await factsOf(await providerFor(registry, { cacheDir, log }).image(`${registry.host}/app:v1`))).toEqual(
      FACTS,
    );
    expect(log.lines.filter((line) => line.startsWith("warn cannot write")).length).toBe(1);
  });

  test("keeps the facts of followed links apart from the usual ones", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    const linked = buildImage({ layers: [{ members: [symlink("etc/passwd", "/srv/p"), file("srv/p", "far")] }] });
    registry.push("app", "linked", linked);
    const reference = `${registry.host}/app:linked`;
    const facts = { passwd: "far", group: undefined };
    expect(await (await providerFor(registry, { cacheDir }).image(reference)).accounts()).toEqual(facts);
    expect(await (await providerFor(registry, { cacheDir, offline: true }).image(reference)).accounts()).toEqual(facts);
  });

  test("is not made before something is kept", () => {
    const directory = newDirectory();
    openImageCache(directory, recordLog());
    expect(existsSync(directory)).toBe(false);
  });

  test("treats unreadable entries as missing", async () => {
    const directory = newDirectory();
    const cache = openImageCache(directory, recordLog());
    await cache.writeRecord("tags", "key", { a: 1 });
    expect(await cache.readRecord("tags", "key")).toEqual({ a: 1 });
    const [path] = filesIn(directory) as [string];
    rmSync(path);
    mkdirSync(path);
    expect(await cache.readRecord("tags", "key")).toBeUndefined();
    chmodSync(path, 0o755);
  });
});

describe("a run without network", () => {
  test("opens no connection and names what each image is missing", async () => {
    const registry = await registryWithApp();
    const cacheDir = newDirectory();
    const reference = `${registry.host}/app:v1`;
    const pinned = `${registry.host}/app@${APP.descriptor.digest}`;
    const missing = async (name: string): Promise<unknown> =>
      (await errorOf(providerFor(registry, { cacheDir, offline: true }).image(name))).details;
    expect(await missing(reference)).toEqual({ reference, needs: "tag" });
    expect(await missing(pinned)).toEqual({ reference: pinned, needs: "manifest", digest: APP.descriptor.digest });
    const image = await providerFor(registry, { cacheDir }).image(reference);
    registry.requests.length = 0;
    const layers = await providerFor(registry, { cacheDir, offline: true }).image(reference);
    const error = await errorOf(layers.accounts());
    expect(error.code).toBe("oci/offline-missing");
    const digest = APP.layers
      .map((layer) => layer.digest)
      .toReversed()
      .join(" ");
    expect(error.details).toEqual({ reference, needs: "layer", digest });
    rmSync(join(cacheDir, "oci", "blobs", "sha256", APP.config.digest.slice(7)));
    expect(await missing(image.reference)).toEqual({ reference, needs: "config", digest: APP.config.digest });
    expect(registry.requests).toEqual([]);
  });

  test("works without cache too", async () => {
    const registry = await registryWithApp();
    const code = await codeOfAsync(() => providerFor(registry, { offline: true }).image(`${registry.host}/app:v1`));
    expect(code).toBe("oci/offline-missing");
  });
});

describe("createImageProvider()", () => {
  test("refuses certificates that are none", async () => {
    const code = await codeOfAsync(async () => createImageProvider(providerOptions({ caPem: "not a certificate" })));
    expect(code).toBe("oci/ca-invalid");
  });

  test("gives silence of a registry its own error, after trying again", async () => {
    let tries = 0;
    const http = {
      request: () => {
        tries++;
        return Promise.reject(new ContrastError("lib/network-timeout", "silence"));
      },
    };
    const code = await codeOfAsync(() => createImageProvider(providerOptions({ http })).image("registry.example/app"));
    expect([code, tries]).toEqual(["oci/registry-timeout", 5]);
  });
});
