import { describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import { endless } from "../../fakes/registry.ts";
import { ACCOUNTS, APP, createRegistryBench } from "../../fakes/registry-bench.ts";

const { registryWith, load, rejection, authEnv } = createRegistryBench();

const PASSWORD = { auth: Buffer.from("user:s3cret:with:colons").toString("base64") };
const AUTH = { username: "user", password: "s3cret:with:colons", identityToken: "identity" } as const;

describe("registries that ask for a login", () => {
  test.each(["basic", "token"] as const)("get the password of the auth file (%s)", async (kind) => {
    const registry = await registryWith({ auth: { ...AUTH, kind } });
    const image = await load(registry, { env: authEnv(registry, PASSWORD) });
    expect(await image.accounts()).toEqual(ACCOUNTS);
    expect(registry.paths().filter((path) => path === "/token").length).toBe(kind === "token" ? 1 : 0);
    expect(registry.requests[0]!.authorization).toBeUndefined();
  });

  test("get an access token for an identity token, and a registry token as it is", async () => {
    const registry = await registryWith({ auth: { ...AUTH, kind: "token" } });
    const env = authEnv(registry, { identitytoken: "identity" });
    expect((await load(registry, { env })).config.User).toBe("app");
    const direct = authEnv(registry, { registrytoken: "token-0" });
    expect((await load(registry, { env: direct })).config.User).toBe("app");
  });

  test.each(["basic", "token"] as const)("refuse wrong and missing credentials (%s)", async (kind) => {
    const registry = await registryWith({ auth: { ...AUTH, kind } });
    const wrong = authEnv(registry, { username: "user", password: "wrong" });
    expect(await rejection(registry, { env: wrong })).toBe("oci/unauthorised");
    expect(await rejection(registry)).toBe("oci/unauthorised");
  });

  test("are given up when they refuse the token that they gave", async () => {
    const registry = await registryWith({ auth: { ...AUTH, kind: "token" } });
    registry.intercept = (request, response) => {
      if (request.url?.startsWith("/token") === true) return false;
      response.writeHead(401, { "www-authenticate": `Bearer realm="${registry.url}/token"` }).end();
      return true;
    };
    expect(await rejection(registry, { env: authEnv(registry, PASSWORD) })).toBe("oci/unauthorised");
    expect(registry.requests.length).toBe(3);
  });

  test("get a new token when the old one has expired", async () => {
    const registry = await registryWith({ auth: { ...AUTH, kind: "token" } });
    const image = await load(registry, { env: authEnv(registry, PASSWORD) });
    registry.intercept = (request) => {
      if (request.headers.authorization === "Bearer token-0") delete request.headers.authorization;
      return false;
    };
    expect(await image.accounts()).toEqual(ACCOUNTS);
  });

  test.each<[string, string, (response: ServerResponse) => void]>([
    ["no token", "oci/registry-answer-invalid", (response) => response.end("{}")],
    ["no JSON", "oci/registry-answer-invalid", (response) => response.end("<html>")],
    ["a token with a line break", "oci/registry-answer-invalid", (response) => response.end('{"token":"a\\r\\nb: c"}')],
    ["an endless answer", "oci/registry-answer-invalid", (response) => endless(response, 2)],
    ["a redirect", "oci/registry-answer-invalid", (response) => response.writeHead(302, { location: "/" }).end()],
    ["status 403", "oci/unauthorised", (response) => response.writeHead(403).end()],
    ["status 500", "oci/registry-overloaded", (response) => response.writeHead(500).end()],
  ])("and whose token service answers with %s give %s", async (_, code, answer) => {
    const registry = await registryWith({ auth: { ...AUTH, kind: "token" } });
    registry.intercept = (request, response) => {
      if (request.url?.startsWith("/token") !== true) return false;
      answer(response);
      return true;
    };
    expect(await rejection(registry, { env: authEnv(registry, PASSWORD) })).toBe(code);
  });

  test.each([
    ["no realm", "Bearer service=x"],
    ["a realm that is no address", 'Bearer realm="nowhere"'],
    ["a realm of another scheme", 'Bearer realm="file:///etc/passwd"'],
    ["damaged grammar", 'Bearer realm="'],
  ])("with %s are refused", async (_, challenge) => {
    const registry = await registryWith();
    registry.intercept = (_, response) => {
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return true;
    };
    expect(await rejection(registry)).toBe("oci/registry-answer-invalid");
  });

  test("without saying how are refused", async () => {
    const registry = await registryWith();
    registry.intercept = (_, response) => {
      response.writeHead(401).end();
      return true;
    };
    expect(await rejection(registry)).toBe("oci/unauthorised");
    registry.intercept = (_, response) => {
      response.writeHead(401, { "www-authenticate": "Negotiate" }).end();
      return true;
    };
    expect(await rejection(registry, { env: authEnv(registry, PASSWORD) })).toBe("oci/unauthorised");
  });
});

describe("redirects", () => {
  test("lead to other hosts without the credentials", async () => {
    const storage = await registryWith();
    const registry = await registryWith({ auth: { ...AUTH, kind: "basic" } });
    registry.intercept = (request, response) => {
      if (request.headers.authorization === undefined || request.url?.includes("/blobs/") !== true) return false;
      response.writeHead(307, { location: `${storage.url}${request.url}` }).end();
      return true;
    };
    const image = await load(registry, { env: authEnv(registry, PASSWORD) });
    expect(await image.accounts()).toEqual(ACCOUNTS);
    expect(storage.requests.length).toBe(4);
    expect(storage.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test("keep the credentials inside of the registry, and are not answered elsewhere", async () => {
    const registry = await registryWith({ auth: { ...AUTH, kind: "basic" } });
    const greedy = await registryWith({ auth: { ...AUTH, kind: "basic" } });
    registry.push("moved/app", "v1", APP);
    let host = registry.url;
    registry.intercept = (request, response) => {
      if (request.headers.authorization === undefined || request.url?.includes("/team/") !== true) return false;
      response.writeHead(308, { location: `${host}${request.url.replace("/team/", "/moved/")}` }).end();
      return true;
    };
    const env = authEnv(registry, PASSWORD);
    expect(await rejection(registry, { env })).toBe("no error, returned object");
    host = greedy.url;
    expect(await rejection(registry, { env })).toBe("oci/unauthorised");
    expect(greedy.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});
