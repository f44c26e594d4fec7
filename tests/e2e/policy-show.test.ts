import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { runBash, runBinary } from "./run-binary.ts";
import { pinned } from "./sample-images.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// What is tested here does not depend on the self-check.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);

function deployment(env: string, container = ""): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      runtimeClassName: contrast-cc
      containers:
        - name: web
          image: ${pinned("registry.example/web:1.0")}
          env: [{name: MODE, value: ${env}}]
          ${container}
`;
}

let workspace: Workspace;
let changed: Workspace;
beforeAll(async () => {
  workspace = bench.workspace({ "web.yml": deployment("strict") });
  changed = bench.workspace({ "web.yml": deployment("lax", "securityContext: {privileged: true}") });
  for (const one of [workspace, changed]) expect((await one.generate(["web.yml"])).status).toBe(0);
});

describe("contrast policy show", () => {
  test("explains the policies that generate wrote, with the lines of the YAML and the manifest", async () => {
    const { stdout, stderr, status } = await runBinary(["policy", "show"], { cwd: workspace.path(".") });
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toStartWith("Deployment web in namespace shop\n");
    expect(stdout).toMatch(
      /Manifest {2}trusted by manifest\.json: names web, \*; secret\s+apps\/v1\/Deployment\/shop\/web/,
    );
    expect(stdout).toMatch(/Rules {5}those of this program/);
    expect(stdout).toMatch(/fixed {3}MODE +strict +YAML: env\[\d+\]\.value, web\.yml:\d+/);
    expect(stdout).toContain("[containers-skipped]");
    expect(stdout).toContain("injected by contrast generate");
    expect(stdout).not.toContain("\u001b");
  });
  test("tells a policy that the manifest does not trust, and YAML that was changed since", async () => {
    const other = bench.workspace({
      "web.yml": workspace.read("web.yml").replace("value: strict", "value: lax"),
      "manifest.json": changed.read("manifest.json"),
    });
    const { stdout } = await runBinary(["policy", "show", "--format", "json"], { cwd: other.path(".") });
    const { policies } = JSON.parse(stdout) as {
      readonly policies: readonly { trust: string; gaps: readonly { id: string; concerns: string[] }[] }[];
    };
    expect(policies[0]?.trust).toBe("missing");
    expect(policies[0]?.gaps.find(({ id }) => id === "yaml-changed")?.concerns).toEqual(["web: MODE"]);
    expect(policies[0]?.gaps.map(({ id }) => id)).toContain("not-in-manifest");
  });
  test("reads standard input and bare policies, and writes a page that needs no network", async () => {
    const yaml = workspace.read("web.yml");
    const piped = await runBinary(["policy", "show", "-"], { stdin: yaml });
    expect(piped.stdout).toStartWith("Deployment web");
    const [, base64 = ""] = /agent\.policy: ([A-Za-z0-9+/=]+)/.exec(yaml) ?? [];
    const bare = await runBinary(["policy", "show", "-"], { stdin: base64 });
    expect(bare.stdout).toContain("not known from the policy alone");
    const cwd = workspace.path(".");
    const page = await runBinary(["policy", "show", "web.yml", "--html", "page.html"], { cwd });
    expect(page).toMatchObject({ stdout: "✔️ Wrote page.html: 1 policy\n", stderr: "", status: 0 });
    expect(readFileSync(join(cwd, "page.html"), "utf8")).toContain("default-src &#39;none&#39;");
  });
  test("stands hostile policies: markup, escapes, ten thousand variables, deep data", async () => {
    const folder = temporaryDirectory();
    const evil = "\u001b]0;owned\u0007<script>alert(1)</script>";
    const env = Array.from({ length: 10_000 }, (_, index) => `V${index}=${evil}`);
    const data = JSON.stringify({ containers: [{ OCI: { Process: { Env: env } } }] });
    writeFileSync(join(folder, "a.rego"), `package agent_policy\n\npolicy_data := ${data}`);
    const deep = `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`;
    writeFileSync(join(folder, "b.rego"), `package agent_policy\n\npolicy_data := {"containers": ${deep}}`);
    const shown = await runBinary(["policy", "show", "a.rego", "b.rego", "--html", "page.html"], { cwd: folder });
    expect(shown).toMatchObject({ stderr: "", status: 0 });
    const page = readFileSync(join(folder, "page.html"), "utf8");
    expect(page).not.toMatch(/<script|[\u0007\u001b]/);
    expect(page.match(/&lt;script&gt;/g)).toHaveLength(10_000);
    const coloured = await runBinary(["policy", "show", "a.rego"], { cwd: folder, env: { FORCE_COLOR: "1" } });
    expect(coloured.stdout.replace(/\u001b\[[0-9;]*m/g, "")).not.toMatch(/[\u0007\u001b]/);
  });
  test("refuses 50 MB before it reads them", async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "big.rego"), "package x\n");
    truncateSync(join(folder, "big.rego"), 50_000_000);
    const { stderr, status } = await runBinary(["policy", "show", "big.rego"], { cwd: folder });
    expect(stderr).toContain("got 50000000 bytes, limit 25165824");
    expect(status).toBe(1);
    const piped = await runBash("head -c 300000000 /dev/zero | $PROGRAM policy show -", {});
    expect(piped.status).toBe(1);
  });
});

describe("contrast policy diff", () => {
  test("has status 0 for the same, 1 for different, 2 for trouble", async () => {
    const [before, after] = [workspace.path("web.yml"), changed.path("web.yml")];
    const same = await runBinary(["policy", "diff", before, before]);
    expect(same).toMatchObject({ status: 0, stderr: "" });
    expect(same.stdout).toEndWith("The policies are the same\n");
    const different = await runBinary(["policy", "diff", before, after]);
    expect(different.status).toBe(1);
    expect(different.stdout).toMatch(/^ {2}wider {4}\+ web: OCI\.Process\.Capabilities\.Bounding/m);
    expect(different.stdout).toMatch(/^ {2}other {4}~ web: OCI\.Process\.Env: MODE$/m);
    const trouble = await runBinary(["policy", "diff", before, "nowhere"]);
    expect([trouble.status, trouble.stdout]).toEqual([2, ""]);
  });
  test("compares what verify wrote with the YAML", async () => {
    const folder = temporaryDirectory();
    const manifest = workspace.read("manifest.json");
    const [hash = ""] = Object.keys((JSON.parse(manifest) as { readonly Policies: object }).Policies);
    const [, base64 = ""] = /agent\.policy: ([A-Za-z0-9+/=]+)/.exec(workspace.read("web.yml")) ?? [];
    mkdirSync(join(folder, "verify"));
    writeFileSync(join(folder, "verify", `policy.${hash}.rego`), Buffer.from(base64, "base64"));
    writeFileSync(join(folder, "verify", "manifest.0.json"), manifest);
    const words = ["policy", "diff", "--format", "json", join(folder, "verify"), workspace.path("web.yml")];
    const { stdout, status } = await runBinary(words);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "contrast/policy-diff/v1",
      ok: true,
      workloads: [{ label: "Deployment web", namespace: "shop", status: "same" }],
    });
  });
});
