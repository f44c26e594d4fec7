import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { contrastBinary } from "../e2e/binary.ts";
import { policyTexts } from "../e2e/policy-text.ts";
import { outcomeOf, type Outcome } from "../e2e/run-binary.ts";
import { pinned } from "../e2e/sample-images.ts";
import { GenerateBench, type Workspace } from "../e2e/workspace.ts";
import { sha256Hex } from "../../src/lib/digest.ts";
import { startKubernetesApi } from "../fakes/kubernetes-api.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const root = temporaryDirectory();
// What is tested here does not depend on the self-check.
const bench = new GenerateBench(root, ["--no-self-check"]);
const WEB = pinned("registry.example/web:1.0");

const POD_SPEC = (indent: string): string =>
  ["runtimeClassName: contrast-cc", "containers:", "  - name: web # kept", `    image: ${WEB}`]
    .map((line) => `${indent}${line}\n`)
    .join("");

/** A chart with what charts have: notes, a hook, a test, a custom resource, an empty document, several in one file. */
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
  "chart/values.yaml": "greeting: hello\n",
  "chart/crds/widget.yaml":
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n",
  "chart/templates/NOTES.txt": "Thank you for {{ .Release.Name }}.\n",
  "chart/templates/empty.yaml": "# nothing here\n{{- if false }}\nx: y\n{{- end }}\n---\n",
  "chart/templates/web.yaml": `# Web shop
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
  namespace: {{ .Release.Namespace }}
data:
  GREETING: {{ .Values.greeting | quote }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-web
  namespace: {{ .Release.Namespace }}
spec:
${POD_SPEC("  ")}      envFrom: [{configMapRef: {name: {{ .Release.Name }}-config}}]
`,
  "chart/templates/widget.yaml":
    "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: own, namespace: {{ .Release.Namespace }}}\n",
  "chart/templates/hook.yaml": `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-prepare
  namespace: {{ .Release.Namespace }}
  annotations:
    helm.sh/hook: pre-install
spec:
  template:
    metadata: {}
    spec:
      restartPolicy: Never
${POD_SPEC("      ")}`,
};

/** Runs a tool in a workspace with `contrast` in its path. */
async function run(
  workspace: Workspace,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const bin = join(workspace.root, "bin");
  if (!existsSync(bin)) {
    mkdirSync(bin);
    symlinkSync(await contrastBinary(), join(bin, "contrast"));
  }
  return await outcomeOf(
    Bun.spawn([...command], {
      cwd: workspace.path("."),
      env: { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: workspace.root, KUBECONFIG: "/dev/null", ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    }),
  );
}

const labels = (yaml: string): readonly string[] =>
  parseAllDocuments(yaml).flatMap((document) => {
    const object = document.toJS() as { kind?: string; metadata?: { name?: string } } | null;
    return object === null ? [] : [`${object.kind} ${object.metadata?.name}`];
  });

/** Keys of the manifest by the workload's name. */
function policies(workspace: Workspace): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(workspace.manifest().Policies).map(([hash, { SANs }]) => [SANs[0], hash]));
}

/** A plugin as Helm 4 wants post-renderers. */
const PLUGIN = `apiVersion: v1
type: postrenderer/v1
name: contrast
version: 1.0.0
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: contrast
`;

describe.each([
  ["helm", {}],
  ["helm4", { "plugins/contrast/plugin.yaml": PLUGIN }],
])("contrast generate as post-renderer of %s", (helm, more) => {
  const hasHelm = hasPrograms(`generate as post-renderer of ${helm}`, helm);
  const args = (workspace: Workspace): readonly string[] =>
    [...workspace.generateArgs(), "-"].flatMap((word) => ["--post-renderer-args", word]);
  const call = async (workspace: Workspace, ...words: readonly string[]): Promise<Outcome> =>
    await run(workspace, [helm, ...words, "--post-renderer", "contrast", ...args(workspace)], {
      HELM_PLUGINS: workspace.path("plugins"),
    });

  test.if(hasHelm)("patches what the chart renders, and nothing gets lost", async () => {
    const workspace = bench.workspace({ ...CHART, ...more });
    const template = ["template", "rel", "chart", "--namespace", "shop", "--include-crds"];
    const plain = await run(workspace, [helm, ...template]);
    const rendered = await call(workspace, ...template);
    expect([rendered.stderr.match(/error/gi), rendered.status]).toEqual([null, 0]);
    expect(labels(rendered.stdout).toSorted()).toEqual(labels(plain.stdout).toSorted());
    for (const line of ["# Source: shop/templates/web.yaml", "- name: web # kept", 'GREETING: "hello"']) {
      expect(rendered.stdout).toContain(line);
    }
    // Helm 3 hands out no hooks.
    const patched = helm === "helm" ? ["rel-web"] : ["rel-prepare", "rel-web"];
    expect(Object.keys(policies(workspace)).toSorted()).toEqual(patched);
    const texts = policyTexts(rendered.stdout);
    expect(texts).toHaveLength(patched.length);
    expect(texts.some((text) => text.includes('"GREETING=hello"'))).toBe(true);
    expect(texts.some((text) => text.includes("postrenderer.helm.sh"))).toBe(false);

    // The same release renders to the same bytes, and the check agrees about what was handed out.
    expect((await call(workspace, ...template)).stdout).toBe(rendered.stdout);
    const checked = helm === "helm" ? (await call(workspace, ...template, "--no-hooks")).stdout : rendered.stdout;
    expect(await workspace.generate(["--check", "-"], { stdin: checked })).toMatchObject({ status: 0 });

    // The pod has the policy that it gets in a file.
    const file = bench.workspace({ "web.yaml": plain.stdout });
    expect(await file.generate(["web.yaml"])).toMatchObject({ status: 0 });
    expect(policies(file)["rel-web"]).toBe(policies(workspace)["rel-web"]!);
  });

  test.if(hasHelm)("installs what it has patched, and shows the notes", async () => {
    const api = startKubernetesApi();
    try {
      const workspace = bench.workspace({ ...CHART, ...more });
      rmSync(workspace.path("chart/templates/widget.yaml"));
      const flags = ["--namespace", "shop", "--no-hooks", "--skip-crds", "--disable-openapi-validation"];
      const installed = await call(workspace, "install", "rel", "chart", ...flags, "--kube-apiserver", api.url);
      expect([installed.stderr, installed.status]).toEqual([expect.not.stringContaining("Error"), 0]);
      expect(installed.stdout).toContain("Thank you for rel.");
      const [pod] = api.created("Pod") as [{ metadata: { annotations: Record<string, string> } }];
      const policy = Buffer.from(pod.metadata.annotations["io.katacontainers.config.agent.policy"] ?? "", "base64");
      expect(sha256Hex(policy)).toBe(policies(workspace)["rel-web"]!);
    } finally {
      await api.stop();
    }
  });

  test.if(hasHelm)("stops the release where generate is stopped, and says why", async () => {
    const workspace = bench.workspace({ ...CHART, ...more });
    workspace.write(
      "chart/templates/other.yaml",
      CHART["chart/templates/web.yaml"].replaceAll("-web", "-other").replace("web:1.0", "none:1.0"),
    );
    const { status, stderr, stdout } = await call(workspace, "template", "rel", "chart", "--namespace", "shop");
    expect([status === 0, stdout.includes("kind: Pod"), workspace.exists("manifest.json")]).toEqual([
      false,
      false,
      false,
    ]);
    // Helm 4 shows what a plugin says only with --debug, and then no more than the status.
    expect(stderr).toContain(helm === "helm" ? "registry.example/none:1.0" : 'plugin "contrast" exited with error');
  });
});

const hasKustomize = hasPrograms("generate as function of Kustomize", "kustomize");

describe.if(hasKustomize)("contrast generate as function of Kustomize", () => {
  const POD = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n${POD_SPEC("  ")}      envFrom: [{configMapRef: {name: config}}]\n`;
  const SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";
  const KUSTOMIZATION = `namespace: shop
namePrefix: prod-
resources: [service.yaml, pod.yaml]
configMapGenerator:
  - {name: config, literals: [GREETING=hello]}
`;
  const build = async (workspace: Workspace, ...flags: readonly string[]): Promise<Outcome> =>
    await run(workspace, ["kustomize", "build", ...flags, "."]);
  const WITH_FUNCTIONS = ["--enable-alpha-plugins", "--enable-exec"];

  /** A kustomization whose objects go through the function. */
  function functionWorkspace(files: Readonly<Record<string, string>> = {}): Workspace {
    const workspace = bench.workspace({ "pod.yaml": POD, "service.yaml": SERVICE, ...files });
    const exec = { path: "contrast", args: [...workspace.generateArgs(), "-"] };
    const metadata = {
      name: "contrast",
      annotations: { "config.kubernetes.io/function": JSON.stringify({ exec }) },
    };
    const config = { apiVersion: "contrast.edgeless.systems/v1", kind: "Generate", metadata };
    workspace.write("contrast.yaml", JSON.stringify(config));
    workspace.write("kustomization.yaml", `${KUSTOMIZATION}transformers: [contrast.yaml]\n`);
    return workspace;
  }

  test("makes the objects and the manifest that a pipe makes", async () => {
    const workspace = functionWorkspace();
    const built = await build(workspace, ...WITH_FUNCTIONS);
    expect([built.status, built.stderr.includes("Error")]).toEqual([0, false]);
    const [text = ""] = policyTexts(built.stdout);
    expect(text).toContain('"GREETING=hello"');
    expect(text).not.toContain("config.kubernetes.io");
    expect(built.stdout).not.toContain("config.kubernetes.io");

    const piped = bench.workspace({ "pod.yaml": POD, "service.yaml": SERVICE, "kustomization.yaml": KUSTOMIZATION });
    const plain = await build(piped);
    expect(labels(built.stdout)).toEqual(labels(plain.stdout));
    expect(await piped.generate(["-"], { stdin: plain.stdout })).toMatchObject({ status: 0 });
    expect(policies(workspace)).toEqual(policies(piped));
    expect((await build(workspace, ...WITH_FUNCTIONS)).stdout).toBe(built.stdout);
  });

  test("stops the build where generate is stopped, and says why", async () => {
    const workspace = functionWorkspace({ "pod.yaml": POD.replace("web:1.0", "none:1.0") });
    const { status, stdout, stderr } = await build(workspace, ...WITH_FUNCTIONS);
    expect([status === 0, stdout, workspace.exists("manifest.json")]).toEqual([false, "", false]);
    expect(stderr).toContain("registry.example/none:1.0");
  });
});
