import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { parseAllDocuments, stringify } from "yaml";
import { FEATURES } from "../fakes/pod-features.ts";
import { IMAGE } from "../fakes/policy-input.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { pinned } from "./sample-images.ts";
import { podYaml } from "./sample-yaml.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// What the self-check does has tests of its own.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);
const WEB = pinned("registry.example/web:1.0");
const POLICY = "io.katacontainers.config.agent.policy";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "json", namespace: "shop" },
  spec: { runtimeClassName: "contrast-cc", containers: [{ name: "main", image: WEB }] },
};
const HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: pod, namespace: shop}\n";
const CONTAINERS = `containers:\n  - name: main\n    image: ${WEB}\n`;

/** One confidential Pod each, written in ways that an editor of text can stumble over. */
const STYLES: Readonly<Record<string, string>> = {
  json: JSON.stringify(POD, undefined, 2),
  "json-on-one-line": JSON.stringify(POD),
  "json-list-with-tabs": JSON.stringify({ apiVersion: "v1", kind: "List", items: [POD] }, undefined, "\t"),
  nulls: podYaml("pod", "    volumeMounts:\n    env: ~\ninitContainers:\nvolumes: null"),
  empties: podYaml("pod", "    volumeMounts: []\ninitContainers: []\nvolumes: []").replace(
    "  namespace",
    "  annotations: {}\n  namespace",
  ),
  "quoted-keys": `"apiVersion": "v1"\n'kind': 'Pod'\n"metadata": {"name": "pod"}\n"spec":\n  "runtimeClassName": "contrast-cc"\n  "containers":\n  - "name": "main"\n    "image": "${WEB}"\n`,
  "anchors-on-containers": `${HEAD}spec:\n  runtimeClassName: &class contrast-cc\n  containers: &list\n  - &one\n    name: main\n    image: ${WEB}\nx-copy: *list\nx-class: *class\n`,
  "alias-for-volumes": `x: &v\n- name: d\n  emptyDir: {}\n${HEAD}spec:\n  runtimeClassName: contrast-cc\n  volumes: *v\n  ${CONTAINERS}`,
  "alias-for-the-class": `x: &c contrast-cc\n${HEAD}spec:\n  runtimeClassName: *c\n  ${CONTAINERS}`,
  "merge-key": `x: &base\n  runtimeClassName: contrast-cc\n${HEAD}spec:\n  <<: *base\n  ${CONTAINERS}`,
  "no-newline-at-the-end": podYaml("pod").trimEnd(),
  "directives-and-end-markers": `%YAML 1.1\n---\n${podYaml("pod")}...\n---\n# nothing\n...\n`,
  "document-on-the-marker": `--- {apiVersion: v1, kind: Pod, metadata: {name: pod}, spec: {runtimeClassName: contrast-cc, containers: [{name: main, image: "${WEB}"}]}} # end\n--- # next\n`,
  tags: `${HEAD}spec: !!map\n  runtimeClassName: !!str contrast-cc\n  containers: !!seq\n  - name: main\n    image: !!str ${WEB}\n    args: [!!str 1]\n`,
  "long-scalars": `${HEAD}spec:\n  runtimeClassName:\n    contrast-cc\n  containers:\n  - name: main\n    image: >-\n      ${WEB}\n    args:\n    - |\n      #!/bin/sh\n      ---\n      echo hi\n    - "a\n\n       b"\n`,
  "complex-keys": `? apiVersion\n: v1\n? kind\n: Pod\nmetadata: {name: pod}\nspec:\n  ? runtimeClassName\n  : contrast-cc\n  ${CONTAINERS}`,
  "deep-indentation": `apiVersion: v1\nkind: Pod\nmetadata:\n            name: pod\nspec:\n            runtimeClassName: contrast-cc\n            containers:\n                          -      name: main\n                                 image: ${WEB}\n`,
  "comments-everywhere": `# a\napiVersion: v1 # b\n# c\nkind: Pod # d\nmetadata: # e\n  # f\n  name: pod # g\n  # h\nspec: # i\n  # j\n  runtimeClassName: contrast-cc # k\n  # l\n  containers: # m\n  # n\n  - # o\n    name: main # p\n    # q\n    image: ${WEB} # r\n    # s\n  # t\n# u\n`,
  "leftovers-of-another-version": podYaml(
    "pod",
    `    volumeMounts: [{name: contrast-secrets, mountPath: /old}, {name: x, mountPath: /x}]
initContainers: [{name: contrast-initializer, image: old}]
volumes: [{name: contrast-secrets, emptyDir: {medium: Memory}}, {name: x, emptyDir: {}}]`,
  ).replace("  namespace", `  annotations: {a: b, ${POLICY}: b2xk}\n  namespace`),
  "mixed-line-ends": podYaml("pod").replaceAll(/\n {2}/g, "\r\n  "),
  unicode: podYaml("pod", '    env: [{name: Ü, value: "😀\\n"}]').replace(
    "  namespace",
    '  annotations: {"ключ": "値 😀", x: "\\U0001F600"}\n  namespace',
  ),
};

/** Runs on all files at once, then once more: the second run changes nothing. */
async function generateTwice(workspace: Workspace, platform = "k3s-qemu-snp"): Promise<void> {
  const { status, stderr } = await workspace.generate(["."], { platform });
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  const after = workspace.snapshot();
  expect(await workspace.generate(["."], { platform, home: workspace.newHome() })).toMatchObject({ status: 0 });
  expect(workspace.snapshot()).toEqual(after);
}

function podOf(yaml: string) {
  const documents = parseAllDocuments(yaml, { version: "1.1", merge: true });
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  const [object] = documents.map((document) => document.toJS()).filter((value) => value !== null);
  return object.kind === "List" ? object.items[0] : object;
}

describe("contrast generate", () => {
  test.concurrent("patches a Pod however its YAML is written", async () => {
    // Names make the policies differ.
    const files = Object.entries(STYLES).map(([name, text]) => {
      return [`${name}.yaml`, text.replace(/(name"?: ?"?)(?:pod|json)\b/, `$1${name}`)] as const;
    });
    const workspace = bench.workspace(Object.fromEntries(files));
    await generateTwice(workspace);
    for (const [file] of files) {
      const { metadata, spec } = podOf(workspace.read(file));
      expect([file, metadata.name]).toEqual([file, file.replace(".yaml", "")]);
      expect(metadata.annotations[POLICY].length).toBeGreaterThan(1000);
      expect(spec.runtimeClassName).toMatch(/^contrast-cc-k3s-qemu-snp-[0-9a-f]{8}$/);
      expect(spec.initContainers.map(({ name }: { name: string }) => name)).toEqual(["contrast-initializer"]);
      expect(spec.volumes.filter(({ name }: { name: string }) => name === "contrast-secrets")).toHaveLength(1);
      const [main, ...others] = spec.containers;
      expect([main.name, main.image, others]).toEqual(["main", WEB, []]);
      expect(main.volumeMounts).toContainEqual({ name: "contrast-secrets", mountPath: "/contrast" });
    }
    expect(Object.keys(workspace.manifest().Policies)).toHaveLength(files.length);
  });

  test.concurrent(
    "tries its policies for pods with every feature, with the Initializer and a sidecar in them",
    async () => {
      const key = "contrast.edgeless.systems/servicemesh";
      const mesh = { [`${key}-ingress`]: "web#8080#false", [`${key}-egress`]: "db#127.0.0.2:5432#db.shop:5432" };
      const files = Object.entries(FEATURES)
        .filter(([name]) => name !== "generateName")
        .map(([feature, yaml], index) => {
          const documents = parseAllDocuments(yaml.replaceAll(IMAGE, WEB)).map((document) => {
            const object = document.toJS();
            const template = object.spec?.jobTemplate?.spec.template ?? object.spec?.template ?? object;
            if (template.spec === undefined) return stringify(object);
            template.spec.runtimeClassName = "contrast-cc";
            object.metadata.annotations = { ...object.metadata.annotations, ...mesh };
            object.metadata.name += `-${index}`;
            return stringify(object);
          });
          return [`${feature.replaceAll(" ", "-")}.yaml`, documents.join("---\n")] as const;
        });
      const workspace = bench.workspace(Object.fromEntries(files));
      await generateTwice(workspace, "k3s-qemu-snp-gpu");
      expect(Object.keys(workspace.manifest().Policies)).toHaveLength(files.length);
    },
  );

  test.concurrent("warns of confidential runtime classes in objects that get no policy", async () => {
    const rollout =
      "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r}, spec: {template: {spec: {runtimeClassName: contrast-cc}}}}";
    const workspace = bench.workspace({ "a.yaml": podYaml("a"), "b.yaml": `${podYaml("b")}---\n${rollout}\n` });
    const { status, json } = await workspace.generateJson(["."]);
    expect(status).toBe(0);
    const warning = json.findings?.find(({ code }) => code === "generate/object-not-patched");
    expect(warning).toMatchObject({ file: "b.yaml", object: "Rollout r", path: "spec.template.spec.runtimeClassName" });
    expect(workspace.read("b.yaml")).toEndWith(`---\n${rollout}\n`);
  });
});
