import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAuthFile } from "../../../src/oci/registry/auth-file.ts";
import {
  authFilePaths,
  createCredentialStore,
  type CredentialStore,
} from "../../../src/oci/registry/credential-store.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const root = temporaryDirectory();
let count = 0;

type Environment = Readonly<Record<string, string | undefined>>;

function storeOf(env: Environment): CredentialStore {
  return createCredentialStore(env, recordLog(), new AbortController().signal);
}

function newDirectory(): string {
  const path = join(root, `d${count++}`);
  mkdirSync(path);
  return path;
}

/** Writes an auth file and returns the environment that names it. */
function envWith(content: unknown): { readonly REGISTRY_AUTH_FILE: string } {
  const path = join(newDirectory(), "auth.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return { REGISTRY_AUTH_FILE: path };
}

/** A directory with a credential helper that runs a shell script. */
function helper(name: string, script: string): string {
  const directory = newDirectory();
  const path = join(directory, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return directory;
}

const auth = (text: string): { readonly auth: string } => ({ auth: Buffer.from(text).toString("base64") });
const password = (username: string, secret: string): object => ({ kind: "password", username, password: secret });

describe("createCredentialStore()", () => {
  test("takes the most specific key", async () => {
    const auths = {
      "registry.example": auth("host:1"),
      "registry.example/team": auth("team:2"),
      "registry.example/team/app": auth("app:3"),
      "registry.example/te": auth("other:4"),
    };
    const store = storeOf(envWith({ auths }));
    expect(await store.find("registry.example", "team/app")).toMatchObject(password("app", "3"));
    expect(await store.find("registry.example", "team/db")).toMatchObject(password("team", "2"));
    expect(await store.find("registry.example", "other/app")).toMatchObject(password("host", "1"));
    expect(await store.find("registry.example:5000", "team/app")).toBeUndefined();
  });

  test.each(["https://index.docker.io/v1/", "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/"])(
    "knows Docker Hub as %s",
    async (key) => {
      const store = storeOf(envWith({ auths: { [key]: auth("hub:1") } }));
      expect(await store.find("docker.io", "library/nginx")).toMatchObject(password("hub", "1"));
    },
  );

  test("reads the files of Podman and Docker in order and goes on where a registry is unknown", async () => {
    const [runtime, config, home] = [newDirectory(), newDirectory(), newDirectory()];
    const write = (path: string, name: string, auths: object): void => {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, name), JSON.stringify({ auths }));
    };
    write(join(runtime, "containers"), "auth.json", { "a.example": auth("runtime:1") });
    write(join(config, "containers"), "auth.json", { "a.example": auth("config:2"), "b.example": auth("config:2") });
    write(join(home, ".docker"), "config.json", { "b.example": auth("docker:3"), "c.example": auth("docker:3") });
    const env = { XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: config, HOME: home };
    const found = await Promise.all(["a", "b", "c", "d"].map((name) => storeOf(env).find(`${name}.example`, "app")));
    expect(found.map((entry) => (entry?.kind === "password" ? entry.username : undefined))).toEqual([
      "runtime",
      "config",
      "docker",
      undefined,
    ]);
  });

  test("needs no files, but the one that is named explicitly", async () => {
    expect(await storeOf({ HOME: newDirectory() }).find("a.example", "app")).toBeUndefined();
    const code = await codeOfAsync(() =>
      storeOf({ REGISTRY_AUTH_FILE: join(root, "absent") }).find("a.example", "app"),
    );
    expect(code).toBe("lib/file-unreadable");
  });

  test("asks a helper once for each registry, over standard input", async () => {
    const log = join(newDirectory(), "log");
    const PATH = helper(
      "fake",
      `echo "$1 $(/bin/cat)" >> ${log}; echo '{"ServerURL":"x","Username":"u","Secret":"s"}'`,
    );
    const env = { ...envWith({ credsStore: "fake", auths: { "a.example": {} } }), PATH };
    const store = storeOf(env);
    for (const registry of ["a.example", "a.example", "docker.io"]) {
      expect(await store.find(registry, "app")).toMatchObject(password("u", "s"));
    }
    expect(readFileSync(log, "utf8")).toBe("get a.example\nget https://index.docker.io/v1/\n");
  });

  test("prefers a helper for the registry, then stored credentials, then the general helper", async () => {
    const PATH = helper("own", 'echo \'{"Username":"<token>","Secret":"own"}\'');
    const general = helper("general", 'echo \'{"Username":"general","Secret":"g"}\'');
    const content = {
      auths: { "a.example": auth("stored:1"), "b.example": auth("stored:1") },
      credHelpers: { "a.example": "own" },
      credsStore: "general",
    };
    const store = storeOf({ ...envWith(content), PATH: `${PATH}:${general}` });
    expect(await store.find("a.example", "x")).toEqual({ kind: "identity-token", token: "own" });
    expect(await store.find("b.example", "x")).toMatchObject(password("stored", "1"));
    expect(await store.find("c.example", "x")).toMatchObject(password("general", "g"));
  });

  test("is anonymous where the helper knows nothing", async () => {
    const PATH = helper("fake", 'echo "credentials not found in native keychain"; exit 1');
    expect(await storeOf({ ...envWith({ credsStore: "fake" }), PATH }).find("a.example", "x")).toBeUndefined();
    const empty = helper("fake", 'echo \'{"Username":"","Secret":""}\'');
    expect(await storeOf({ ...envWith({ credsStore: "fake" }), PATH: empty }).find("a.example", "x")).toBeUndefined();
  });

  test.each([
    ["is not installed", undefined],
    ["fails", "echo locked; exit 1"],
    ["answers with something else than JSON", "echo hello"],
    ["answers without secret", 'echo \'{"Username":"u"}\''],
    ["is killed", "kill -9 $$"],
    [
      "writes without end",
      "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
    ],
  ])("refuses to go on when the helper %s", async (_, script) => {
    const PATH = script === undefined ? newDirectory() : helper("fake", script);
    const store = storeOf({ ...envWith({ credsStore: "fake" }), PATH });
    expect(await codeOfAsync(() => store.find("a.example", "x"))).toBe("oci/credential-helper-failed");
  });

  test("never runs a program outside of the helpers", async () => {
    const marker = join(root, "marker");
    for (const name of ["../fake", "/bin/sh", "a b", "-x", ".."]) {
      const store = storeOf({ ...envWith({ credHelpers: { "a.example": name } }), PATH: root });
      expect(await codeOfAsync(() => store.find("a.example", "x"))).toBe("oci/auth-file-invalid");
    }
    expect(existsSync(marker)).toBe(false);
  });
});

describe("authFilePaths()", () => {
  test.each<[string, Environment, string[]]>([
    ["nothing for an empty environment", {}, []],
    ["only the explicit file", { REGISTRY_AUTH_FILE: "/a", DOCKER_CONFIG: "/d", HOME: "/h" }, ["/a"]],
    [
      "all places",
      { XDG_RUNTIME_DIR: "/r", HOME: "/h" },
      ["/r/containers/auth.json", "/h/.config/containers/auth.json", "/h/.docker/config.json"],
    ],
    [
      "the explicit Docker directory first",
      { DOCKER_CONFIG: "/d", XDG_CONFIG_HOME: "/c", HOME: "/h" },
      ["/d/config.json", "/c/containers/auth.json"],
    ],
  ])("gives %s", (_, env, paths) => {
    expect(authFilePaths(env)).toEqual(paths);
  });
});

describe("parseAuthFile()", () => {
  test("ignores what it does not know and reads old padding", () => {
    const text = JSON.stringify({
      auths: { a: auth("u:p\0\0"), b: {}, c: null },
      HttpHeaders: { x: "y" },
      credsStore: "",
    });
    expect([...parseAuthFile(text, "file").auths]).toEqual([["a", { kind: "password", username: "u", password: "p" }]]);
    expect(parseAuthFile("{}", "file")).toMatchObject({ credsStore: undefined });
  });

  test.each([
    ["{"],
    ["[]"],
    ['{"auths":[]}'],
    ['{"auths":{"a":{"auth":"!!!"}}}'],
    ['{"auths":{"a":{"auth":"bm9jb2xvbg=="}}}'],
    ['{"auths":{"a":{"auth":"OnBhc3N3b3Jk"}}}'],
    ['{"auths":{"a":{"auth":1}}}'],
    ['{"credsStore":"a/b"}'],
    [`{"auths":${'{"a":'.repeat(40)}{}${"}".repeat(40)}}`],
  ])("rejects %s", (text) => {
    expect(codeOf(() => parseAuthFile(text, "file"))).toBe("oci/auth-file-invalid");
  });

  test("never quotes the content", () => {
    for (const text of [
      '{"auths":{"a":{"auth":"c2VjcmV0"}}}',
      '{"auths":{"a":{"password":["secret"]}}}',
      '{"x": secret}',
    ]) {
      let message = "";
      try {
        parseAuthFile(text, "file");
      } catch (error) {
        message = Bun.inspect(error);
      }
      expect(message).not.toBe("");
      expect(message).not.toMatch(/secret|c2VjcmV0/);
    }
  });
});
