import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { hashOf, policyData, policyTexts } from "./policy-text.ts";
import { COORDINATOR_YAML, deploymentYaml, podYaml } from "./sample-yaml.ts";
import { createSampleKeys } from "./sample-keys.ts";
import { GenerateBench } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const root = temporaryDirectory();
// What is tested here does not depend on the self-check, which would take most of the time.
const bench = new GenerateBench(root, ["--no-self-check"]);

const ROOT = join(import.meta.dir, "..", "..");
const RULES = readFileSync(join(ROOT, "policy", "rules.rego"), "utf8");
const SETTINGS = readFileSync(join(ROOT, "policy", "settings-metal.json"), "utf8");

describe("contrast generate --output", () => {
  test.concurrent("leaves the inputs alone and joins all targets, also those of the same name", async () => {
    const files = {
      "a/web.yaml": `${deploymentYaml("first")}---\n${podYaml("second")}`,
      "b/web.yaml": podYaml("third").trimEnd(),
      "c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
      "d.yml": `---\n${podYaml("fourth")}`,
    };
    const workspace = bench.workspace(files);
    expect(await workspace.generate(["-o", "out.yml", "a", "."])).toMatchObject({ status: 0 });
    for (const [name, text] of Object.entries(files)) expect(workspace.read(name)).toBe(text);
    const output = workspace.read("out.yml");
    const names = parseAllDocuments(output).map((document) => document.toJS().metadata.name);
    expect(names).toEqual(["first", "second", "third", "fourth"]);
    expect(output).toStartWith("---\n");
    expect(output).toEndWith("\n");
    expect(workspace.mode("out.yml")).toBe(0o644);
    expect(policyTexts(output).map(hashOf).toSorted()).toEqual(Object.keys(workspace.manifest().Policies));
    // The file is replaced, not appended to.
    const paths = ["a", "b", "c.yaml", "d.yml"];
    expect(await workspace.generate(["--output=out.yml", ...paths])).toMatchObject({ status: 0 });
    expect(workspace.read("out.yml")).toBe(output);
    const home = workspace.newHome();
    expect(await workspace.generate(["--output=out.yml", ...paths], { home })).toMatchObject({ status: 0 });
    expect(workspace.read("out.yml")).toBe(output);
  });

  test.concurrent("refuses a directory, a device, and a place in a directory that is not there", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web"), "out/x": "" });
    const before = workspace.snapshot();
    for (const output of ["out", "absent/out.yaml", "in.yaml/out.yaml", "/dev/null"]) {
      const { status, json } = await workspace.generateJson(["-o", output, "in.yaml"]);
      expect([status, json.code]).toEqual([2, "generate/output-invalid"]);
    }
    expect(workspace.snapshot()).toEqual(before);
  });
});

describe("contrast generate, about owner keys,", () => {
  test.concurrent(
    "makes both where they are missing, readable only by the owner, and never touches them again",
    async () => {
      const workspace = bench.workspace({ "in.yaml": podYaml("web") }, { keys: false });
      expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
      expect([workspace.mode("workload-owner.pem"), workspace.mode("seedshare-owner.pem")]).toEqual([0o600, 0o600]);
      const workload = workspace.read("workload-owner.pem");
      expect(workload).toStartWith("-----BEGIN EC PRIVATE KEY-----\n");
      expect(workload).toHaveLength(288);
      const seedshare = workspace.read("seedshare-owner.pem");
      expect(seedshare).toStartWith("-----BEGIN RSA PRIVATE KEY-----\n");
      const { WorkloadOwnerKeyDigests: digests, SeedshareOwnerPubKeys: publicKeys } = workspace.manifest();
      const spki = createPublicKey(createPrivateKey(workload)).export({ type: "spki", format: "der" });
      expect(digests).toEqual([new Bun.CryptoHasher("sha256").update(spki).digest("hex")]);
      expect(publicKeys).toHaveLength(1);
      expect(publicKeys?.[0]).toStartWith("3082020a0282020100");
      expect(publicKeys?.[0]).toHaveLength(1052);

      chmodSync(workspace.path("workload-owner.pem"), 0o640);
      const after = workspace.snapshot();
      const home = workspace.newHome();
      expect(await workspace.generate(["in.yaml"], { home })).toMatchObject({ status: 0 });
      expect(workspace.snapshot()).toEqual(after);
    },
  );

  test.concurrent("takes public keys, several keys, and keeps those that the manifest has already", async () => {
    const [a, b] = [createSampleKeys(), createSampleKeys()];
    const publicPem = (pem: string, type: "spki" | "pkcs1"): string => {
      return createPublicKey(pem).export({ type, format: "pem" });
    };
    const workspace = bench.workspace({
      "in.yaml": podYaml("web"),
      "a.pem": publicPem(a.workloadPem, "spki"),
      "b.pem": b.workloadPem,
      "a-share.pem": publicPem(a.seedsharePem, "pkcs1"),
    });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    const flags = ["-w", "a.pem", "-wb.pem", "--add-seedshare-owner-key=a-share.pem"];
    expect(await workspace.generate([...flags, "in.yaml"])).toMatchObject({ status: 0 });
    const workload = [bench.keys.workloadDigest, a.workloadDigest, b.workloadDigest].toSorted();
    const seedshare = [bench.keys.seedshareKey, a.seedshareKey].toSorted();
    const keys = { WorkloadOwnerKeyDigests: workload, SeedshareOwnerPubKeys: seedshare };
    expect(workspace.manifest()).toMatchObject(keys);
  });

  test.concurrent("creates nothing when one of several is missing", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web"), "a.pem": bench.keys.workloadPem });
    const before = workspace.snapshot();
    const { status, json } = await workspace.generateJson(["-w", "a.pem", "-w", "b.pem", "in.yaml"]);
    expect([status, json.code]).toEqual([7, "lib/file-unreadable"]);
    const { stderr } = await workspace.generate(["-w", "a.pem", "-w", "b.pem", "in.yaml"]);
    expect(stderr).toContain("b.pem");
    expect(workspace.snapshot()).toEqual(before);
  });

  test.concurrent("refuses files that hold no key, and says nothing of what they hold", async () => {
    const workspace = bench.workspace({
      "in.yaml": podYaml("web"),
      "text.pem": "hunter2",
      "cert.pem": "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n",
      "broken.pem": bench.keys.workloadPem.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"),
    });
    const before = workspace.snapshot();
    const codes = [];
    for (const key of ["text.pem", "cert.pem", "broken.pem", "seedshare-owner.pem", "."]) {
      const { json, stderr, stdout } = await workspace.generateJson(["-w", key, "in.yaml"]);
      codes.push(json.code);
      expect(stderr + stdout).not.toMatch(/hunter2|aHVudGVyMg|BEGIN|AAAA/);
    }
    const invalid = "manifest/key-file-invalid";
    expect(codes).toEqual(["pki/pem-missing", invalid, invalid, invalid, "lib/file-unreadable"]);
    expect(workspace.snapshot()).toEqual(before);
  });

  test.concurrent("removes all workload owners with -d, makes no key for them, and refuses -w with it", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web") });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    rmSync(workspace.path("workload-owner.pem"));
    expect(await workspace.generate(["-d", "in.yaml"])).toMatchObject({ status: 0 });
    expect(workspace.manifest()).toMatchObject({
      WorkloadOwnerKeyDigests: null,
      SeedshareOwnerPubKeys: [bench.keys.seedshareKey],
    });
    expect(workspace.exists("workload-owner.pem")).toBe(false);
    const before = workspace.snapshot();
    const both = await workspace.generate(["-d", "-w", "x.pem", "in.yaml"]);
    expect([both.status, both.stdout]).toEqual([1, ""]);
    expect(both.stderr).toContain("add-workload-owner-key disable-updates");
    expect(workspace.snapshot()).toEqual(before);
  });
});

describe("contrast generate, about an existing manifest,", () => {
  test.concurrent("keeps the user's reference values and unknown fields, and replaces all policies", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web") });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    const first = workspace.manifest();
    const values = {
      snp: [
        {
          MinimumTCB: { BootloaderVersion: 9, TEEVersion: 0, SNPVersion: 23, MicrocodeVersion: 72 },
          ProductName: "Genoa",
          TrustedMeasurement: "ab".repeat(48),
          GuestPolicy: { SMT: true },
        },
      ],
    };
    const [hash = ""] = Object.keys(first.Policies);
    const Policies = { [hash]: { SANs: ["edited"], WorkloadSecretID: "edited" }, ["0".repeat(64)]: { SANs: null } };
    const edited = { ...first, Policies, ReferenceValues: values, Later: { number: 1.5 } };
    workspace.write("manifest.json", JSON.stringify(edited));
    const { status, stdout } = await workspace.generate(["in.yaml"]);
    expect([status, stdout.includes("Please fill in")]).toEqual([0, false]);
    const second = workspace.manifest();
    expect(second.Policies).toEqual(first.Policies);
    expect(second).toMatchObject({ ReferenceValues: values, Later: { number: 1.5 } });
    expect(second.WorkloadOwnerKeyDigests).toEqual(first.WorkloadOwnerKeyDigests);
    const after = workspace.snapshot();
    expect(await workspace.generate(["in.yaml"], { home: workspace.newHome() })).toMatchObject({ status: 0 });
    expect(workspace.snapshot()).toEqual(after);
  });

  test.concurrent("warns when it trusts no host of the platform", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web") });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    const { json } = await workspace.generateJson(["in.yaml"], { platform: "metal-qemu-tdx" });
    expect(json.findings?.map(({ code }) => code)).toContain("generate/platform-not-in-manifest");
  });

  test.concurrent("refuses one that it cannot read or that is invalid, with all that is wrong", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web"), "cut.json": '{"Policies": {', "dir.json/x": "" });
    workspace.write(
      "values.json",
      JSON.stringify({ ReferenceValues: { snp: [{ ProductName: "Rome" }] }, SeedshareOwnerPubKeys: ["zz"] }),
    );
    const before = workspace.snapshot();
    const codeOf = async (name: string): Promise<unknown> =>
      (await workspace.generateJson(["-m", name, "in.yaml"])).json.code;
    expect([await codeOf("cut.json"), await codeOf("dir.json")]).toEqual(["lib/json-invalid", "lib/file-unreadable"]);
    const { json } = await workspace.generateJson(["-m", "values.json", "in.yaml"]);
    expect(json.findings?.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["manifest/product-unknown", "manifest/seedshare-key-invalid"]),
    );
    expect(json.findings?.every(({ file, path }) => file === "values.json" && path !== undefined)).toBe(true);
    expect(workspace.snapshot()).toEqual(before);
  });

  test.concurrent("names the Coordinator's policy in a file of exactly 64 digits", async () => {
    const workspace = bench.workspace({ "in.yaml": `${podYaml("web")}---\n${COORDINATOR_YAML}` });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    const [, coordinator = ""] = policyTexts(workspace.read("in.yaml"));
    expect(workspace.read("coordinator-policy.sha256")).toBe(hashOf(coordinator));
    const other = bench.workspace({ "in.yaml": podYaml("web") });
    expect(await other.generate(["in.yaml"])).toMatchObject({ status: 0 });
    expect(other.exists("coordinator-policy.sha256")).toBe(false);
  });
});

describe("contrast generate, about rules and settings,", () => {
  test.concurrent("writes those of this version where they are missing", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web") });
    const { status, stderr } = await workspace.generate(["-p", "my.rego", "-s", "my.json", "in.yaml"]);
    expect([status, workspace.read("my.rego"), workspace.read("my.json")]).toEqual([0, RULES, SETTINGS]);
    expect([workspace.exists("rules.rego"), workspace.exists("settings.json")]).toEqual([false, false]);
    expect(stderr).not.toMatch(/differ/);
  });

  test.concurrent("uses those that are there, warns that they differ, and never changes them", async () => {
    const rules = RULES.replace(/\n/, "\n# changed by the user\n");
    const pause = "registry.example/web:1.0";
    const settings = SETTINGS.replace("mcr.microsoft.com/oss/kubernetes/pause:3.6", pause);
    const workspace = bench.workspace({ "in.yaml": podYaml("web"), "rules.rego": rules, "settings.json": settings });
    const { status, stderr } = await workspace.generate(["in.yaml"]);
    expect(status).toBe(0);
    expect([workspace.read("rules.rego"), workspace.read("settings.json")]).toEqual([rules, settings]);
    expect(stderr).toMatch(/^warning: rules\.rego: /m);
    expect(stderr).toMatch(/^warning: settings\.json: /m);
    const [policy = ""] = policyTexts(workspace.read("in.yaml"));
    expect(policy).toStartWith(rules);
    // The pause container is that of the settings.
    expect(policyData(workspace.read("in.yaml")).containers[0]?.OCI.Process.Env).toContain("PORT=8080");
  });

  test.concurrent("stops where policies made with them allow a forged request or refuse a genuine one", async () => {
    const permissive = JSON.parse(SETTINGS);
    permissive.request_defaults.CopyFileRequest.push("^/etc/");
    const strict = JSON.parse(SETTINGS);
    strict.common.root_path = "/elsewhere/$(bundle-id)";
    const workspace = bench.workspace({
      "in.yaml": podYaml("web"),
      "permissive.json": JSON.stringify(permissive),
      "strict.json": JSON.stringify(strict),
    });
    const before = workspace.snapshot();
    const forged = await workspace.generateJson(["--no-self-check=false", "-s", "permissive.json", "in.yaml"]);
    expect([forged.status, forged.json.code]).toEqual([4, "policy/self-check-allowed"]);
    const genuine = await workspace.generateJson(["--no-self-check=false", "-s", "strict.json", "in.yaml"]);
    expect([genuine.status, genuine.json.code]).toEqual([4, "policy/self-check-denied"]);
    expect(workspace.snapshot()).toEqual(before);
    expect(await workspace.generate(["-s", "permissive.json", "in.yaml"])).toMatchObject({
      status: 0,
    });
  });

  test.concurrent("refuses settings that are broken, with their paths, and rules that are no text", async () => {
    const settings = JSON.parse(SETTINGS);
    settings.kata_config.oci_version = 7;
    settings.cluster_config.emptydir_type = "cloud";
    const files = { "in.yaml": podYaml("web"), "settings.json": JSON.stringify(settings), "bad.rego": "\xff\xfe" };
    const workspace = bench.workspace(files);
    workspace.write("bad.rego", Uint8Array.of(0xff, 0xfe));
    const before = workspace.snapshot();
    const { json } = await workspace.generateJson(["in.yaml"]);
    const paths = json.findings?.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["kata_config.oci_version", "cluster_config.emptydir_type"]));
    const text = await workspace.generateJson(["-p", "bad.rego", "in.yaml"]);
    expect(text.json.code).toBe("lib/text-not-utf8");
    expect(workspace.snapshot()).toEqual(before);
  });
});

describe("contrast generate --workspace-dir", () => {
  test.concurrent("puts all default files there, and explicit ones where the user says", async () => {
    const workspace = bench.workspace({ "in.yaml": COORDINATOR_YAML }, { keys: false });
    mkdirSync(workspace.path("ws"));
    workspace.write("ws/workload-owner.pem", bench.keys.workloadPem);
    workspace.write("share.pem", bench.keys.seedsharePem);
    const explicit = ["--add-seedshare-owner-key=share.pem", "--manifest=my.json", "-o", "out.yaml"];
    const { status, stdout } = await workspace.generate(["--workspace-dir=ws", ...explicit, "in.yaml"]);
    expect([status, stdout.includes("✔️ Updated manifest my.json\n")]).toEqual([0, true]);
    expect(Object.keys(workspace.snapshot())).toEqual([
      "in.yaml",
      "my.json",
      "out.yaml",
      "share.pem",
      "ws",
      "ws/coordinator-policy.sha256",
      "ws/rules.rego",
      "ws/settings.json",
      "ws/workload-owner.pem",
    ]);
    expect(workspace.manifest("my.json")).toMatchObject({
      WorkloadOwnerKeyDigests: [bench.keys.workloadDigest],
      SeedshareOwnerPubKeys: [bench.keys.seedshareKey],
    });
  });

  test.concurrent("creates the directory, with its parents, and only when the run succeeds", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web"), "bad.yaml": podYaml("", "hostPID: true") });
    const before = workspace.snapshot();
    expect(await workspace.generate(["--workspace-dir=new/ws", "in.yaml", "bad.yaml"])).toMatchObject({ status: 1 });
    expect(workspace.snapshot()).toEqual(before);
    const keys = ["-w", "workload-owner.pem", "--add-seedshare-owner-key=seedshare-owner.pem"];
    const { status, stdout } = await workspace.generate(["--workspace-dir=new/ws", ...keys, "in.yaml"]);
    expect([status, stdout.includes("✔️ Updated manifest new/ws/manifest.json\n")]).toEqual([0, true]);
    expect([workspace.exists("new/ws/rules.rego"), workspace.mode("new/ws")]).toEqual([true, 0o755]);
  });
});

describe("contrast generate, about the files of the user,", () => {
  test.concurrent("keeps permissions and symbolic links", async () => {
    const workspace = bench.workspace({ "real/web.yaml": podYaml("web"), "other.yaml": podYaml("other") });
    expect(await workspace.generate(["other.yaml"])).toMatchObject({ status: 0 });
    chmodSync(workspace.path("real/web.yaml"), 0o600);
    chmodSync(workspace.path("manifest.json"), 0o664);
    symlinkSync("real/web.yaml", workspace.path("link.yaml"));
    expect(await workspace.generate(["link.yaml"])).toMatchObject({ status: 0 });
    const { "link.yaml": link } = workspace.snapshot();
    expect(link).toBe("link real/web.yaml");
    expect(policyTexts(workspace.read("real/web.yaml"))).toHaveLength(1);
    expect([workspace.mode("real/web.yaml"), workspace.mode("manifest.json")]).toEqual([0o600, 0o664]);
  });

  test.concurrent("keeps caches where the environment says, and works without any", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web") });
    const home = workspace.newHome();
    const env = { CONTRAST_CACHE_DIR: join(home, "own") };
    const args = ["--genpolicy-cache-path=layers.json", "in.yaml"];
    expect(await workspace.generate(args, { home, env })).toMatchObject({ status: 0 });
    expect(readdirSync(home)).toEqual(["own"]);
    expect(statSync(join(home, "own", "generate")).mode & 0o777).toBe(0o700);
    const after = workspace.snapshot();
    expect(await workspace.generate(args, { home: "/dev/null" })).toMatchObject({ status: 0 });
    expect(workspace.snapshot()).toEqual(after);
  });

  test.concurrent("does not rewrite what does not change", async () => {
    const workspace = bench.workspace({ "in.yaml": podYaml("web") });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    const { json } = await workspace.generateJson(["in.yaml"], { home: workspace.newHome() });
    expect(json.written).toEqual([]);
  });
});
