import { describe, expect, test } from "bun:test";
import { buildImage, buildIndex, digestOf, type BuiltImage } from "../../../scripts/lib/image-builder.ts";
import { file } from "../../../scripts/lib/tar-writer.ts";
import { createImageProvider, type ImageProviderOptions } from "../../../src/oci/image-provider.ts";
import { parseRegistryMirrors } from "../../../src/oci/registry-mirror-option.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { providerOptions, recordLog } from "../../fakes/image-provider.ts";
import { ABSENT_DIGEST, type FakeRegistry } from "../../fakes/registry.ts";
import { ACCOUNTS, APP, createRegistryBench } from "../../fakes/registry-bench.ts";

const { registryWith, load, rejection, emptyRegistry } = createRegistryBench();

describe("registry images", () => {
  test("are read with manifest and configuration at once, and layers only for accounts", async () => {
    const registry = await registryWith();
    const image = await load(registry);
    expect(image).toMatchObject({ digest: APP.descriptor.digest, digestOrigin: "registry", config: { User: "app" } });
    expect(registry.paths()).toEqual(["team/app/manifests/v1", `team/app/blobs/${APP.config.digest}`]);
    expect(await image.accounts()).toEqual(ACCOUNTS);
    await image.accounts();
    const layers = APP.layers.map(({ digest }) => `team/app/blobs/${digest}`).toReversed();
    expect(registry.paths().slice(2)).toEqual(layers);
  });

  test("stop at the layer that decides both files", async () => {
    const newest = { members: [file("etc/passwd", "new"), file("etc/group", "new")] };
    const image = buildImage({ layers: [{ members: [file("etc/passwd", "old")] }, newest] });
    const registry = await registryWith({}, image);
    expect(await (await load(registry)).accounts()).toEqual({ passwd: "new", group: "new" });
    expect(registry.paths().filter((path) => path.includes("blobs")).length).toBe(2);
  });

  test("share requests for the same reference and for the same layer", async () => {
    const registry = await registryWith();
    registry.push("team/app", "v2", APP);
    const provider = createImageProvider(providerOptions({ insecureRegistries: [`http://${registry.host}`] }));
    const names = ["team/app:v1", "team/app:v1", "team/app:v2"].map((name) => `${registry.host}/${name}`);
    const images = await Promise.all(names.map((name) => provider.image(name)));
    await Promise.all(images.map((image) => image.accounts()));
    expect(registry.paths().filter((path) => path.endsWith("manifests/v1")).length).toBe(1);
    expect(registry.paths().filter((path) => path.endsWith(APP.layers[0]!.digest)).length).toBe(1);
  });

  test("are chosen from indexes, nested ones included", async () => {
    const arm = buildImage({ architecture: "arm64" });
    const inner = buildIndex(
      [
        { image: arm, platform: "linux/arm64/v8" },
        { image: APP, platform: "linux/amd64" },
      ],
      "docker",
    );
    for (const index of [
      inner,
      buildIndex([{ image: inner }]),
      buildIndex([{ image: buildIndex([{ image: inner }]) }]),
    ]) {
      const image = await load(await registryWith({}, index));
      expect(image).toMatchObject({ digest: index.descriptor.digest, manifestDigest: APP.descriptor.digest });
    }
  });

  test("prefer an entry without CPU variant, and look into entries without platform", async () => {
    const other = buildImage({ config: { User: "other" } });
    const arm = buildImage({ architecture: "arm64" });
    const variants = buildIndex([
      { image: other, platform: "linux/amd64/v3" },
      { image: APP, platform: "linux/amd64" },
    ]);
    expect((await load(await registryWith({}, variants))).config.User).toBe("app");
    const silent = buildIndex([{ image: arm }, { image: APP }]);
    expect((await load(await registryWith({}, silent))).config.User).toBe("app");
  });

  test("that exist for other platforms only are refused, nested too deep as well", async () => {
    const arm = buildImage({ architecture: "arm64" });
    const attested = buildIndex([
      { image: arm, platform: "linux/arm64/v8" },
      { image: APP, platform: "unknown/unknown" },
    ]);
    expect(await rejection(await registryWith({}, attested))).toBe("oci/platform-missing");
    expect(await rejection(await registryWith({}, buildIndex([{ image: arm }])))).toBe("oci/platform-missing");
    expect(await rejection(await registryWith({}, buildIndex([])))).toBe("oci/platform-missing");
    let deep: BuiltImage = buildIndex([{ image: APP, platform: "linux/amd64" }]);
    for (let depth = 0; depth < 3; depth++) deep = buildIndex([{ image: deep }]);
    expect(await rejection(await registryWith({}, deep))).toBe("oci/manifest-invalid");
  });

  test("open at most sixteen documents in search of the platform", async () => {
    const entries = Array.from({ length: 20 }, (_, index) => ({
      image: buildImage({ architecture: "arm64", config: { User: `${index}` } }),
    }));
    const registry = await registryWith({}, buildIndex(entries));
    expect(await rejection(registry)).toBe("oci/platform-missing");
    expect(registry.paths().filter((path) => path.includes("manifests/sha256")).length).toBe(16);
  });

  test("that are not for linux/amd64 by their own words give a warning", async () => {
    const log = recordLog();
    await load(await registryWith({}, buildImage({ architecture: "arm64" })), { log });
    expect(log.lines.some((line) => line.startsWith("warn image is not for linux/amd64"))).toBe(true);
  });

  test("that are refused give the registry's own words, made harmless", async () => {
    const registry = await registryWith();
    const messageFor = async (body: string): Promise<string> => {
      registry.intercept = (_, response) => {
        response.writeHead(403).end(body);
        return true;
      };
      return Bun.inspect(await load(registry).catch((error: unknown) => (error as Error).cause));
    };
    const denied = JSON.stringify({ errors: [{ code: "DENIED", message: "pay\u001b[2J\n first" }] });
    expect(await messageFor(denied)).toContain("(DENIED: pay\\u001b[2J first)");
    for (const body of ["", "{}", "[]", '{"errors":[]}', "<html>", `"${"x".repeat(100_000)}"`]) {
      expect(await messageFor(body)).toMatch(/status 403"?\n/);
    }
  });

  test("that do not exist are refused", async () => {
    const registry = await registryWith();
    expect(await rejection(registry, {}, "team/app:v9")).toBe("oci/image-not-found");
    expect(await rejection(registry, {}, `team/app@${ABSENT_DIGEST}`)).toBe("oci/image-not-found");
    expect(await rejection(registry, {}, "Team/App")).toBe("oci/reference-invalid");
  });

  test("whose configuration has another number of layers are refused", async () => {
    const config = new TextEncoder().encode(JSON.stringify({ rootfs: { type: "layers", diff_ids: [] } }));
    const manifest = {
      schemaVersion: 2,
      mediaType: APP.descriptor.mediaType,
      config: { mediaType: APP.config.mediaType, digest: digestOf(config), size: config.length },
      layers: APP.layers,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    const descriptor = { mediaType: APP.descriptor.mediaType, digest: digestOf(bytes), size: bytes.length };
    const blobs = new Map([
      [descriptor.digest, bytes],
      [digestOf(config), config],
    ]);
    expect(await rejection(await registryWith({}, { descriptor, blobs }))).toBe("oci/config-invalid");
  });
});

describe("overloaded registries", () => {
  const failing = async (status: number, times: number, headers = {}): Promise<FakeRegistry> => {
    const registry = await registryWith();
    let left = times;
    registry.intercept = (_, response) => {
      if (left-- <= 0) return false;
      response.writeHead(status, headers).end("busy");
      return true;
    };
    return registry;
  };

  test.each([408, 429, 500, 502, 503, 504])("that answer with %d are asked again", async (status) => {
    const registry = await failing(status, 4);
    expect(await rejection(registry)).toBe("no error, returned object");
    expect(registry.requests.length).toBe(6);
  });

  test("are given up after five tries", async () => {
    const registry = await failing(503, 100);
    expect(await rejection(registry)).toBe("oci/registry-overloaded");
    expect(registry.requests.length).toBe(5);
  });

  test.each([400, 404, 403])("that answer with %d are not asked again", async (status) => {
    const registry = await failing(status, 100);
    await rejection(registry);
    expect(registry.requests.length).toBe(1);
  });

  test("decide how long to wait, within bounds", async () => {
    const waits: number[] = [];
    const sleep = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
    await load(await failing(429, 1, { "retry-after": "7" }), { sleep });
    await load(await failing(429, 1, { "retry-after": "9999" }), { sleep });
    await load(await failing(429, 2, { "retry-after": "tomorrow" }), { sleep });
    const [first, second, third, fourth] = waits as [number, number, number, number];
    expect([first, second]).toEqual([7000, 30_000]);
    expect(third).toBeWithin(250, 501);
    expect(fourth).toBeWithin(500, 1001);
  });

  test("get at most four requests at once", async () => {
    const registry = await registryWith();
    let running = 0;
    let most = 0;
    registry.intercept = (_, response) => {
      most = Math.max(most, ++running);
      setTimeout(() => {
        running--;
        response.writeHead(404).end();
      }, 5);
      return true;
    };
    const provider = createImageProvider(providerOptions({ insecureRegistries: [`http://${registry.host}`] }));
    const names = Array.from({ length: 12 }, (_, index) => `${registry.host}/team/app:${index}`);
    await Promise.allSettled(names.map((name) => provider.image(name)));
    expect(most).toBe(4);
  });

  test("that cannot be reached or named give their own error", async () => {
    const registry = await registryWith();
    registry.stop();
    expect(await rejection(registry)).toBe("oci/registry-unreachable");
    const provider = createImageProvider(providerOptions());
    expect(await codeOfAsync(() => provider.image("registry.invalid/app"))).toBe("oci/registry-unreachable");
  });

  test("are left when the user interrupts", async () => {
    const registry = await registryWith();
    const controller = new AbortController();
    registry.intercept = () => {
      controller.abort();
      return true;
    };
    expect(await rejection(registry, { signal: controller.signal })).toBe("lib/interrupted");
  });
});

describe("plain HTTP", () => {
  test("is never used without the flag, not even on loopback", async () => {
    const registry = await registryWith();
    expect(await rejection(registry, { insecureRegistries: [] })).toBe("oci/registry-unreachable");
    expect(registry.requests).toEqual([]);
  });

  test("is used after HTTPS failed, when the flag leaves the choice", async () => {
    const registry = await registryWith();
    expect(await rejection(registry, { insecureRegistries: [registry.host] })).toBe("no error, returned object");
    expect(await rejection(registry, { insecureRegistries: [`https://${registry.host}`] })).toBe(
      "oci/registry-unreachable",
    );
    expect(await rejection(registry, { insecureRegistries: ["not a host"] })).toBe("oci/image-source-invalid");
  });
});

describe("mirrors", () => {
  const through = (mirror: FakeRegistry, origin: FakeRegistry, prefix = ""): Partial<ImageProviderOptions> => ({
    registryMirrors: parseRegistryMirrors([`${origin.host}=${mirror.host}${prefix}`]),
    insecureRegistries: [`http://${mirror.host}`, `http://${origin.host}`],
  });

  test("are asked first, below their prefix", async () => {
    const [mirror, origin] = [await registryWith(), await registryWith()];
    mirror.push("cache/team/app", "v1", APP);
    const image = await load(origin, through(mirror, origin, "/cache"));
    expect(await image.accounts()).toEqual(ACCOUNTS);
    expect(origin.requests).toEqual([]);
    expect(mirror.paths()[0]).toBe("cache/team/app/manifests/v1");
  });

  test("that cannot deliver are passed over with a warning", async () => {
    const [mirror, origin] = [await emptyRegistry(), await registryWith()];
    const log = recordLog();
    const image = await load(origin, { ...through(mirror, origin), log });
    expect(await image.accounts()).toEqual(ACCOUNTS);
    expect(log.lines.some((line) => line.startsWith("warn mirror cannot deliver"))).toBe(true);
    mirror.stop();
    expect((await load(origin, through(mirror, origin))).config.User).toBe("app");
  });

  test("that answer with other content are not passed over", async () => {
    const [mirror, origin] = [await registryWith(), await registryWith()];
    mirror.corrupt(APP.config.digest, new Uint8Array(APP.config.size));
    expect(await rejection(origin, through(mirror, origin))).toBe("oci/digest-mismatch");
  });
});
