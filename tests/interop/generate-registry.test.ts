import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, buildIndex, layoutFiles, writeFiles } from "../../scripts/lib/image-builder.ts";
import { policyTexts } from "../e2e/policy-text.ts";
import { SAMPLE_IMAGES } from "../e2e/sample-images.ts";
import { COORDINATOR_YAML, deploymentYaml, podYaml } from "../e2e/sample-yaml.ts";
import { GenerateBench, type MeasuredOutcome, type Workspace } from "../e2e/workspace.ts";
import { hasPrograms, isPermitted } from "../fakes/peers.ts";
import { type RealRegistry, startRealRegistry } from "../fakes/real-registry.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { makeTestCertificates } from "../fakes/test-certificates.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const SUBJECT = "generate with docker-registry";
const hasPeers = hasPrograms(SUBJECT, "docker-registry", "skopeo", "openssl");
const canUnshare = isPermitted(`${SUBJECT}, without network`, "unshare", "--map-root-user", "--net", "true");

const root = temporaryDirectory();
// What is tested here does not depend on the self-check.
const bench = new GenerateBench(root, ["--no-self-check"]);
const LOGIN = { username: "tester", password: "correct horse" };

/** What is pushed, by name and tag. */
const IMAGES = {
  "pause:3.6": SAMPLE_IMAGES["mcr.microsoft.com/oss/kubernetes/pause:3.6"],
  "contrast/initializer:v1": SAMPLE_IMAGES["registry.example/contrast/initializer:v1"],
  "contrast/coordinator:v1": SAMPLE_IMAGES["registry.example/contrast/coordinator:v1"],
  "contrast/mesh:v1": SAMPLE_IMAGES["registry.example/contrast/mesh:v1"],
  "shop/database:1.0": SAMPLE_IMAGES["registry.example/database:1.0"],
  "shop/web:1.0": buildIndex([
    { image: buildImage({ architecture: "arm64", config: { User: "arm" } }), platform: "linux/arm64/v8" },
    { image: SAMPLE_IMAGES["registry.example/web:1.0"], platform: "linux/amd64" },
  ]),
};
const NAMES = Object.keys(IMAGES);

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

/** The errors among what a run with `--format json` found. */
function errorsOf(stdout: string): readonly Finding[] {
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return findings.filter(({ severity }) => severity === "error");
}

describe.if(hasPeers)("contrast generate", () => {
  const storage = join(root, "registry");
  const authFile = join(root, "docker", "config.json");
  const layout = join(root, "pulled");
  const certificates = join(root, "certificates");
  let registry: RealRegistry;
  let host: string;
  /** Made once with the open registry; everything else must be equal to it. */
  let first: Workspace;
  let expected: Readonly<Record<string, string>>;

  /** A workspace whose YAML, settings and table name images of the registry. */
  function registryWorkspace(): Workspace {
    const reference = (name: string): string => `${host}/${name}`;
    const settings = readFileSync(join(import.meta.dir, "..", "..", "policy", "settings-metal.json"), "utf8");
    const mesh = "annotations:\n  contrast.edgeless.systems/servicemesh-ingress: web#8080#false";
    return bench.workspace({
      "resources/web.yaml": deploymentYaml("web", { image: reference("shop/web:1.0"), metadata: mesh }),
      "resources/database.yaml": podYaml("database", "", reference("shop/database:1.0")),
      "resources/coordinator.yaml": COORDINATOR_YAML,
      "settings.json": settings.replace("mcr.microsoft.com/oss/kubernetes/pause:3.6", reference("pause:3.6")),
      "images.txt": ["initializer", "coordinator", "service-mesh-proxy"]
        .map((name) => {
          const replacement = reference(`contrast/${name === "service-mesh-proxy" ? "mesh" : name}:v1`);
          return `ghcr.io/edgelesssys/contrast/${name}:latest = ${replacement}\n`;
        })
        .join(""),
    });
  }

  async function generate(
    workspace: Workspace,
    flags: readonly string[],
    call: Parameters<Workspace["run"]>[1] = {},
  ): Promise<MeasuredOutcome> {
    const fixed = ["--reference-values=k3s-qemu-snp", "--pin-images", "--image-replacements=images.txt"];
    return await workspace.run(["generate", ...fixed, ...flags, "resources"], call);
  }

  beforeAll(async () => {
    for (const path of [storage, certificates, join(root, "docker")]) mkdirSync(path);
    makeTestCertificates(certificates);
    registry = await startRealRegistry({ directory: storage });
    ({ host } = registry);
    const made = join(root, "made");
    writeFiles(made, layoutFiles(IMAGES));
    const skopeo = (...args: readonly string[]): void => {
      execFileSync("skopeo", ["--insecure-policy", ...args], { stdio: ["ignore", "ignore", "inherit"] });
    };
    for (const name of NAMES) {
      const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
      skopeo("copy", "--all", ...plain, `oci:${made}:${name}`, `docker://${host}/${name}`);
      skopeo("copy", "--all", ...plain, `docker://${host}/${name}`, `oci:${layout}:${host}/${name}`);
    }
    first = registryWorkspace();
    expect(await generate(first, [`--insecure-registry=http://${host}`])).toMatchObject({ status: 0 });
    expected = first.snapshot();
  });
  afterAll(async () => await registry?.stop());

  test("takes images from a registry, and pins them to the digests that skopeo sees there", () => {
    const yaml = ["web", "database", "coordinator"].map((name) => first.read(`resources/${name}.yaml`)).join("");
    const pinned = new Set(Array.from(yaml.matchAll(/image: "?([^\s"]+)/g), ([, image]) => image));
    for (const name of NAMES.filter((each) => each !== "pause:3.6")) {
      const raw = execFileSync("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${host}/${name}`]);
      const digest = new Bun.CryptoHasher("sha256").update(raw).digest("hex");
      expect(pinned).toContain(`${host}/${name}@sha256:${digest}`);
    }
    const [web = ""] = policyTexts(first.read("resources/web.yaml"));
    // The configuration is that of the platform of the guest.
    expect(web).toContain('"PORT=8080"');
    expect(Object.keys(first.manifest().Policies)).toHaveLength(3);
  });

  test.if(canUnshare)("gives the same bytes from OCI layouts in a network namespace without interfaces", async () => {
    const wrapper = ["unshare", "--map-root-user", "--net", "--"];
    const workspace = registryWorkspace();
    const sources = NAMES.map((name) => `--image-source=${host}/${name}=${layout}`);
    expect(await generate(workspace, ["--offline", ...sources], { wrapper })).toMatchObject({ status: 0 });
    expect(workspace.snapshot()).toEqual(expected);

    // Without --offline too: what lies on disk needs no network.
    const online = registryWorkspace();
    expect(await generate(online, sources, { wrapper })).toMatchObject({ status: 0 });
    expect(online.snapshot()).toEqual(expected);

    // Without the layouts every image is missing.
    const bare = registryWorkspace();
    const before = bare.snapshot();
    const outcome = await generate(bare, ["--offline", "--format=json"], { wrapper });
    const problems = errorsOf(outcome.stdout);
    expect(problems.map(({ code }) => code)).toEqual(NAMES.map(() => "oci/offline-missing"));
    for (const name of NAMES) expect(problems.some(({ message }) => message.includes(`${host}/${name}`))).toBe(true);
    expect(bare.snapshot()).toEqual(before);
  });

  test("gives the same bytes offline from the cache of an earlier run", async () => {
    const earlier = registryWorkspace();
    const home = earlier.newHome();
    expect(await generate(earlier, [`--insecure-registry=http://${host}`], { home })).toMatchObject({ status: 0 });
    const second = registryWorkspace();
    const wrapper = canUnshare ? ["unshare", "--map-root-user", "--net", "--"] : [];
    expect(await generate(second, ["--offline"], { home, wrapper })).toMatchObject({ status: 0 });
    expect(second.snapshot()).toEqual(expected);
  });

  test("takes images from a mirror under the names of its host", async () => {
    // The mirror has the images of a host that does not exist.
    const workspace = registryWorkspace();
    const mirrored = bench.workspace();
    for (const name of Object.keys(workspace.snapshot()).filter((file) => /\.(?:yaml|json|txt)$/.test(file))) {
      mirrored.write(name, workspace.read(name).replaceAll(host, "registry.invalid"));
    }
    const flags = [`--registry-mirror=registry.invalid=${host}`, `--insecure-registry=http://${host}`];
    expect(await generate(mirrored, flags)).toMatchObject({ status: 0 });
    expect(mirrored.read("resources/web.yaml")).toContain(
      `registry.invalid/shop/web:1.0@${IMAGES["shop/web:1.0"].descriptor.digest}`,
    );
  });

  // The last test: it stops the open registry and serves the same storage under the same name to those who log in.
  test("gives the same bytes from a registry with authentication and TLS", async () => {
    await registry.stop();
    const tls = { cert: join(certificates, "server.pem"), key: join(certificates, "server.key") };
    registry = await startRealRegistry({ directory: storage, host, login: LOGIN, tls });
    const authority = `--registry-ca=${join(certificates, "ca.pem")}`;

    const stranger = registryWorkspace();
    const before = stranger.snapshot();
    const refused = await generate(stranger, [authority, "--format=json"]);
    expect([refused.status, errorsOf(refused.stdout).map(({ code }) => code)]).toEqual([
      5,
      NAMES.map(() => "oci/unauthorised"),
    ]);
    expect(stranger.snapshot()).toEqual(before);

    const { username, password } = LOGIN;
    const certs = ["--cert-dir", join(root, "certs.d")];
    mkdirSync(join(root, "certs.d"));
    copyFileSync(join(certificates, "ca.pem"), join(root, "certs.d", "ca.crt"));
    const login = ["login", ...certs, "--authfile", authFile, "-u", username, "--password-stdin", host];
    execFileSync("skopeo", login, { input: password, stdio: ["pipe", "ignore", "inherit"] });
    const env = { DOCKER_CONFIG: join(root, "docker") };
    const workspace = registryWorkspace();
    expect(await generate(workspace, [authority], { env })).toMatchObject({ status: 0 });
    expect(workspace.snapshot()).toEqual(expected);

    const unknownAuthority = registryWorkspace();
    const untrusted = await generate(unknownAuthority, ["--format=json"], { env });
    expect(JSON.parse(untrusted.stdout)).toMatchObject({ ok: false });
    expect(unknownAuthority.snapshot()).toEqual(before);
    const insecure = registryWorkspace();
    expect(await generate(insecure, [`--insecure-registry=${host}`], { env })).toMatchObject({ status: 0 });
    expect(insecure.snapshot()).toEqual(expected);
  });
});
