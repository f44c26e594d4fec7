import { describe, expect, test } from "bun:test";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { endless, type FakeRegistry } from "../../fakes/registry.ts";
import { ACCOUNTS, APP, createRegistryBench } from "../../fakes/registry-bench.ts";

const { registryWith, load, rejection } = createRegistryBench();

describe("registries that lie", () => {
  const oversized = (path: RegExp, size: number) => async (): Promise<FakeRegistry> => {
    const registry = await registryWith();
    registry.intercept = (request, response) => {
      if (!path.test(request.url ?? "")) return false;
      endless(response, size);
      return true;
    };
    return registry;
  };

  test("about the digest of a tag, a pinned manifest or a configuration are refused", async () => {
    const registry = await registryWith();
    registry.corrupt(APP.descriptor.digest, new TextEncoder().encode('{"schemaVersion":2}'));
    expect(await rejection(registry)).toBe("oci/digest-mismatch");
    expect(await rejection(registry, {}, `team/app@${APP.descriptor.digest}`)).toBe("oci/digest-mismatch");
    const other = await registryWith();
    other.corrupt(APP.config.digest, new Uint8Array(APP.config.size));
    expect(await rejection(other)).toBe("oci/digest-mismatch");
  });

  test("about the digest of a pinned manifest without announcing one are refused", async () => {
    const registry = await registryWith();
    registry.intercept = (request, response) => {
      if (!(request.url ?? "").includes("/manifests/")) return false;
      response.writeHead(200, { "content-type": APP.descriptor.mediaType }).end("{}");
      return true;
    };
    expect(await rejection(registry, {}, `team/app@${APP.descriptor.digest}`)).toBe("oci/digest-mismatch");
  });

  test("about sizes are refused", async () => {
    const registry = await registryWith();
    registry.corrupt(APP.config.digest, new Uint8Array(APP.config.size - 1));
    expect(await rejection(registry)).toBe("oci/size-mismatch");
    registry.corrupt(APP.config.digest, new Uint8Array(APP.config.size + 1));
    expect(await rejection(registry)).toBe("oci/size-mismatch");
    registry.corrupt(APP.config.digest, new Uint8Array());
    expect(await rejection(registry)).toBe("oci/size-mismatch");
  });

  test("about a layer are noticed when it is read", async () => {
    const registry = await registryWith();
    const [layer] = APP.layers;
    registry.corrupt(layer!.digest, Buffer.concat([APP.blobs.get(layer!.digest)!, Buffer.from("more")]));
    const image = await load(registry);
    expect(await codeOfAsync(() => image.accounts())).toBe("oci/size-mismatch");
  });

  test("about the type are refused", async () => {
    const registry = await registryWith();
    let type = "application/vnd.oci.image.index.v1+json";
    registry.intercept = (request, response) => {
      if (!(request.url ?? "").endsWith("/manifests/v1")) return false;
      response.writeHead(200, { "content-type": type }).end(APP.blobs.get(APP.descriptor.digest));
      return true;
    };
    expect(await rejection(registry)).toBe("oci/media-type-mismatch");
    type = "text/html";
    expect(await rejection(registry)).toBe("oci/media-type-mismatch");
    type = `${APP.descriptor.mediaType}; charset=utf-8`;
    expect(await rejection(registry)).toBe("no error, returned object");
  });

  test("by answers without end are cut off", async () => {
    expect(await rejection(await oversized(/manifests/, 5)())).toBe("oci/size-mismatch");
    expect(await rejection(await oversized(/blobs/, 1)())).toBe("oci/size-mismatch");
  });

  test("by cutting answers short are asked again, and then given up", async () => {
    const registry = await registryWith();
    let broken = 2;
    registry.intercept = (request, response) => {
      if (!(request.url ?? "").includes("/blobs/") || broken-- <= 0) return false;
      response.writeHead(200, { "content-length": "100000" }).write("only a little");
      setTimeout(() => response.destroy(), 5);
      return true;
    };
    expect(await rejection(registry)).toBe("no error, returned object");
    const image = await load(registry);
    broken = 2;
    expect(await image.accounts()).toEqual(ACCOUNTS);
    broken = 1000;
    expect(await rejection(registry)).toBe("oci/registry-unreachable");
    expect(1000 - broken).toBe(5);
  });

  test("by redirecting in a circle, to nowhere, with a password or to another scheme are refused", async () => {
    const registry = await registryWith();
    for (const location of [
      `${registry.url}/v2/team/app/manifests/v1`,
      undefined,
      "http://u:p@127.0.0.1/",
      "ftp://127.0.0.1/",
    ]) {
      registry.intercept = (_, response) => {
        response.writeHead(307, location === undefined ? {} : { location }).end();
        return true;
      };
      expect(await rejection(registry)).toBe("oci/registry-answer-invalid");
    }
  });

  test("by an answer that is neither success nor failure are refused", async () => {
    const registry = await registryWith();
    registry.intercept = (_, response) => {
      response.writeHead(418).end();
      return true;
    };
    expect(await rejection(registry)).toBe("oci/registry-answer-invalid");
  });
});
