import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuiltImage, buildImage, buildIndex, layoutFiles, writeFiles } from "../../scripts/lib/image-builder.ts";
import { directory, file, symlink } from "../../scripts/lib/tar-writer.ts";
import type { Image } from "../../src/oci/image.ts";
import { createImageProvider, type ImageProviderOptions } from "../../src/oci/image-provider.ts";
import { parseImageSources } from "../../src/oci/image-source-option.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { providerOptions } from "../fakes/image-provider.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { type RealRegistry, startRealRegistry } from "../fakes/real-registry.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { makeTestCertificates } from "../fakes/test-certificates.ts";

const hasPeers = hasPrograms("images in docker-registry", "docker-registry", "skopeo", "umoci", "openssl");

const root = temporaryDirectory();
const LOGIN = { username: "tester", password: "correct horse" };
const AUTH_FILE = join(root, "auth.json");

const BASE = [
  directory("etc"),
  file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:\n"),
  file("etc/group", "app:x:1000:\n"),
];
const APP = buildImage({
  config: { User: "app", Env: ["A=1"], Entrypoint: ["/app"], WorkingDir: "/srv", Volumes: { "/data": {} } },
  layers: [
    { members: BASE },
    { members: [file("etc/.wh.group", ""), symlink("etc/group", "../usr/group")] },
    { members: [file("usr/group", "linked:x:7:\n")] },
  ],
});
const ARM = buildImage({ architecture: "arm64", config: { User: "arm" } });
const MULTI = buildIndex([
  { image: ARM, platform: "linux/arm64/v8" },
  { image: APP, platform: "linux/amd64" },
]);

/** Uncompressed, because skopeo does not pack anew what is packed already. */
const PLAIN = buildImage({
  config: { User: "app" },
  layers: [{ members: [...BASE, file("plain", "")], compression: "none" }],
});

const layout = join(root, "layout");
mkdirSync(layout);
writeFiles(layout, layoutFiles({ v1: APP, multi: MULTI, plain: PLAIN }));

function skopeo(...args: string[]): void {
  execFileSync("skopeo", ["--insecure-policy", "copy", "--quiet", ...args], { stdio: ["ignore", "ignore", "inherit"] });
}

function umoci(...args: string[]): void {
  execFileSync("umoci", args, { stdio: ["ignore", "ignore", "inherit"] });
}

async function factsOf(image: Image): Promise<unknown> {
  const { config, digest, manifestDigest } = image;
  return { config, digest, manifestDigest, accounts: await image.accounts() };
}

/** Facts of an image on disk, without network. */
async function localFacts(path: string, reference: string): Promise<unknown> {
  const sources = parseImageSources([`${reference}=${path}`]);
  return await factsOf(await createImageProvider(providerOptions({ sources, offline: true })).image(reference));
}

async function remoteFacts(reference: string, options: Partial<ImageProviderOptions> = {}): Promise<unknown> {
  return await factsOf(await createImageProvider(providerOptions(options)).image(reference));
}

describe.if(hasPeers)("images in Debian's docker-registry", () => {
  let open: RealRegistry;
  let closed: RealRegistry;
  let secure: RealRegistry;
  let insecure: Pick<ImageProviderOptions, "insecureRegistries">;
  let caPem: string | undefined;

  beforeAll(async () => {
    const newDirectory = (name: string): string => {
      mkdirSync(join(root, name));
      return join(root, name);
    };
    caPem = makeTestCertificates(root)?.ca;
    const tls = { cert: join(root, "server.pem"), key: join(root, "server.key") };
    [open, closed, secure] = await Promise.all([
      startRealRegistry({ directory: newDirectory("open") }),
      startRealRegistry({ directory: newDirectory("closed"), login: LOGIN }),
      startRealRegistry({ directory: newDirectory("secure"), tls }),
    ]);
    insecure = { insecureRegistries: [`http://${open.host}`, `http://${closed.host}`] };
  });
  afterAll(async () => {
    for (const registry of [open, closed, secure]) await registry?.stop();
  });

  test.each<[string, BuiltImage, string[]]>([
    ["v1", APP, []],
    ["multi", MULTI, ["--all"]],
  ])("are the same as in the layout from which skopeo copied them (%s)", async (tag, image, flags) => {
    skopeo(...flags, "--dest-tls-verify=false", `oci:${layout}:${tag}`, `docker://${open.host}/team/app:${tag}`);
    const local = await localFacts(layout, `app:${tag}`);
    expect(local).toEqual({
      config: { User: "app", Env: ["A=1"], Entrypoint: ["/app"], WorkingDir: "/srv", Volumes: ["/data"] },
      digest: image.descriptor.digest,
      manifestDigest: APP.descriptor.digest,
      accounts: { passwd: "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:\n", group: "linked:x:7:\n" },
    });
    expect(await remoteFacts(`${open.host}/team/app:${tag}`, insecure)).toEqual(local);
    expect(await remoteFacts(`${open.host}/team/app@${image.descriptor.digest}`, insecure)).toEqual(local);
  });

  test("need the login that skopeo left in its auth file", async () => {
    const reference = `${closed.host}/team/app:v1`;
    const { username, password } = LOGIN;
    const login = [
      "login",
      "--tls-verify=false",
      "--authfile",
      AUTH_FILE,
      "-u",
      username,
      "--password-stdin",
      closed.host,
    ];
    execFileSync("skopeo", login, { input: password, stdio: ["pipe", "ignore", "inherit"] });
    skopeo("--authfile", AUTH_FILE, "--dest-tls-verify=false", `oci:${layout}:v1`, `docker://${reference}`);
    const env = { REGISTRY_AUTH_FILE: AUTH_FILE };
    expect(await remoteFacts(reference, { ...insecure, env })).toEqual(await localFacts(layout, "app:v1"));
    expect(await codeOfAsync(() => remoteFacts(reference, insecure))).toBe("oci/unauthorised");
    const wrong = join(root, "wrong.json");
    writeFileSync(wrong, JSON.stringify({ auths: { [closed.host]: { username, password: "wrong" } } }));
    const wrongEnv = { REGISTRY_AUTH_FILE: wrong };
    expect(await codeOfAsync(() => remoteFacts(reference, { ...insecure, env: wrongEnv }))).toBe("oci/unauthorised");
  });

  test("come over TLS when its authority is named", async () => {
    const reference = `${secure.host}/app:v1`;
    skopeo("--dest-tls-verify=false", `oci:${layout}:v1`, `docker://${reference}`);
    expect(await remoteFacts(reference, { caPem })).toEqual(await localFacts(layout, "app:v1"));
    expect(await codeOfAsync(() => remoteFacts(reference))).toBe("oci/registry-unreachable");
    const marked = { insecureRegistries: [secure.host] };
    expect(await remoteFacts(reference, marked)).toEqual(await localFacts(layout, "app:v1"));
  });

  test("keep their facts as Docker schema 2, with zstd, and as archives", async () => {
    const expected = (await localFacts(layout, "app:v1")) as { config: unknown; accounts: unknown };
    const { config, accounts } = expected;
    const docker = `${open.host}/docker:v1`;
    skopeo("--format", "v2s2", "--dest-tls-verify=false", `oci:${layout}:v1`, `docker://${docker}`);
    expect(await remoteFacts(docker, insecure)).toMatchObject({ config, accounts });
    const zstd = `${open.host}/zstd:v1`;
    const compress = ["--dest-compress-format", "zstd", "--dest-compress", "--dest-tls-verify=false"];
    skopeo(...compress, `oci:${layout}:plain`, `docker://${zstd}`);
    const inspect = ["--insecure-policy", "inspect", "--raw", "--tls-verify=false", `docker://${zstd}`];
    expect(execFileSync("skopeo", inspect).toString()).toContain("tar+zstd");
    const plain = (await localFacts(layout, "app:plain")) as { accounts: unknown };
    expect(await remoteFacts(zstd, insecure)).toMatchObject({ config: { User: "app" }, accounts: plain.accounts });
    const archive = join(root, "docker.tar");
    skopeo(`oci:${layout}:v1`, `docker-archive:${archive}:app:v1`);
    expect(await localFacts(archive, "app:v1")).toMatchObject({ config, accounts });
    const ociArchive = join(root, "oci.tar");
    skopeo(`oci:${layout}:v1`, `oci-archive:${ociArchive}:v1`);
    expect(await localFacts(ociArchive, "app:v1")).toEqual(expected);
  });

  test("are understood as umoci wrote them", async () => {
    const made = join(root, "umoci");
    const content = join(root, "content");
    const write = (name: string, text: string): string => {
      writeFileSync(join(content, name), text);
      return join(content, name);
    };
    mkdirSync(content);
    umoci("init", "--layout", made);
    umoci("new", "--image", `${made}:v1`);
    umoci("config", "--image", `${made}:v1`, "--config.user", "app", "--architecture", "amd64", "--os", "linux");
    umoci("insert", "--image", `${made}:v1`, write("passwd", "old\n"), "/etc/passwd");
    umoci("insert", "--image", `${made}:v1`, write("group", "group\n"), "/etc/group");
    umoci("insert", "--image", `${made}:v1`, "--whiteout", "/etc/group");
    umoci("insert", "--image", `${made}:v1`, write("passwd", "new\n"), "/etc/passwd");
    skopeo("--dest-tls-verify=false", `oci:${made}:v1`, `docker://${open.host}/umoci:v1`);
    const local = await localFacts(made, "umoci:v1");
    expect(local).toMatchObject({ config: { User: "app" }, accounts: { passwd: "new\n", group: undefined } });
    expect(await remoteFacts(`${open.host}/umoci:v1`, insecure)).toEqual(local);
  });

  test("that are not there are not found", async () => {
    expect(await codeOfAsync(() => remoteFacts(`${open.host}/absent:v1`, insecure))).toBe("oci/image-not-found");
  });
});
