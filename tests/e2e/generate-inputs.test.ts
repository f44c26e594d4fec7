import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { expectLinesKept } from "./kept-lines.ts";
import { policyData, policyTexts } from "./policy-text.ts";
import { pinned } from "./sample-images.ts";
import { deploymentYaml, podYaml } from "./sample-yaml.ts";
import { GenerateBench } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// What the self-check does has tests of its own.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);
const WEB = pinned("registry.example/web:1.0");
const POLICY = "io.katacontainers.config.agent.policy";

/** Documents as values; empty ones are null. */
function documentsOf(yaml: string) {
  return parseAllDocuments(yaml).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
}

/** Generates from one file, checks that the next run changes nothing, and gives the new text. */
async function generated(yaml: string, flags: readonly string[] = []): Promise<string> {
  const workspace = bench.workspace({ "in.yaml": yaml });
  expect(await workspace.generate([...flags, "in.yaml"])).toMatchObject({ status: 0 });
  const after = workspace.snapshot();
  expect(await workspace.generate([...flags, "in.yaml"], { home: workspace.newHome() })).toMatchObject({ status: 0 });
  expect(workspace.snapshot()).toEqual(after);
  return workspace.read("in.yaml");
}

const STYLED = `# heading, with a "quote" and a: colon
%s---

# about the object
kind:   Deployment     # spaces stay
apiVersion: "apps/v1"
metadata: {name: 'styled', namespace: "shop", labels: &labels {app: styled, "on": 'yes'}}
spec:
    replicas: 0x2
    selector:
        matchLabels: *labels
    template:
        metadata: {labels: *labels}   # flow style
        spec:
            containers:
            - &main
              name: main          # not indented under its key
              image: ${WEB}
              args: ["--a",
                     "--b"]   # over two lines
              env:
              - {name: TEXT, value: "\\u00e9\\x41"}
              - name: BLOCK
                value: |+
                    first

                    last

              - name: FOLDED
                value: >-
                    one
                    two
            # between
            - <<: *main
              name: second
            runtimeClassName: contrast-cc
            volumes:
            - name: config
              configMap: {name: absent, optional: true, defaultMode: 0444}
# the end
`;

const MIXED = `# nothing but a comment
---
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
---
apiVersion: stable.example.com/v1
kind: CronTab
metadata:
  name: tab
spec:
  cronSpec: "* * * * */5"
  template:
    spec:
      runtimeClassName: contrast-cc
      containers: none
  big: 12345678901234567890
---
${podYaml("mixed")}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec:
  podSelector: {}
...
---
`;

const LIST = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: api}   # stays
    spec: {ports: [{port: 80}]}
  - ${deploymentYaml("listed").trimEnd().replaceAll("\n", "\n    ")}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: c}
`;

describe("contrast generate", () => {
  test.concurrent("changes only what it must: comments, key order, quoting, anchors and styles stay", async () => {
    const before = STYLED.replace("%s", "");
    const after = await generated(before);
    const changed = ["runtimeClassName: contrast-cc", "metadata: {labels: *labels}   # flow style"];
    expectLinesKept(before, after, changed);
    const [document] = documentsOf(after);
    const [main, second] = document.spec.template.spec.containers;
    expect([main.name, second.name]).toEqual(["main", "second"]);
    const { Process } = policyData(after).containers.at(-1)!.OCI;
    expect(Process.Env).toEqual(expect.arrayContaining(["TEXT=éA", "BLOCK=first\n\nlast\n\n", "FOLDED=one two"]));
    expect(Process.Args).toEqual(["/bin/web", "--a", "--b"]);
  });

  test.concurrent("keeps the line ends of Windows and a byte-order mark", async () => {
    const after = await generated(`\uFEFF${deploymentYaml("windows").replaceAll("\n", "\r\n")}`);
    expect(after).toStartWith("\uFEFFapiVersion: apps/v1\r\n");
    expect(after.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(policyTexts(after)).toHaveLength(1);
  });

  test.concurrent("passes through empty documents, custom resources and kinds without pods", async () => {
    const after = await generated(MIXED);
    expectLinesKept(MIXED, after, ["runtimeClassName: contrast-cc"]);
    const [, tab, mixed] = documentsOf(after).filter((document) => document !== null);
    expect(tab.spec.template.spec).toEqual({ runtimeClassName: "contrast-cc", containers: "none" });
    expect(mixed.metadata.annotations[POLICY]).toBeString();
    expect(after).toContain("  big: 12345678901234567890\n");
  });

  test.concurrent("expands Lists in place", async () => {
    const after = await generated(LIST);
    expectLinesKept(LIST, after, ["runtimeClassName: contrast-cc"]);
    const [list] = documentsOf(after);
    expect(list.kind).toBe("List");
    expect(list.items.map(({ kind }: { kind: string }) => kind)).toEqual(["Service", "Deployment", "ConfigMap"]);
    expect(list.items[1].spec.template.metadata.annotations[POLICY]).toBeString();
  });

  test.concurrent("patches and lists all kinds of workloads", async () => {
    const kinds = [
      ["apps/v1", "Deployment"],
      ["apps/v1", "StatefulSet"],
      ["apps/v1", "DaemonSet"],
      ["apps/v1", "ReplicaSet"],
      ["batch/v1", "Job"],
      ["v1", "ReplicationController"],
    ] as const;
    const templated = kinds.map(([version, kind]) => {
      const selector = kind === "ReplicationController" || kind === "Job" ? "" : "selector: {matchLabels: {app: x}}";
      return deploymentYaml(kind.toLowerCase())
        .replace("apps/v1", version)
        .replace("kind: Deployment", `kind: ${kind}`)
        .replace(/ {2}selector:\n.*\n/, selector === "" ? "" : `  ${selector}\n`)
        .replace(
          "      runtimeClassName",
          `${kind === "Job" ? "      restartPolicy: Never\n" : ""}      runtimeClassName`,
        );
    });
    const cronJob = `apiVersion: batch/v1
kind: CronJob
metadata: {name: cronjob, namespace: shop}
spec:
  schedule: "0 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          runtimeClassName: contrast-cc
          containers: [{name: main, image: "${WEB}"}]
`;
    const workspace = bench.workspace({ "in.yaml": [...templated, cronJob, podYaml("pod")].join("---\n") });
    expect(await workspace.generate(["in.yaml"])).toMatchObject({ status: 0 });
    const documents = documentsOf(workspace.read("in.yaml"));
    const templates = documents.map(({ kind, metadata, spec }) => {
      if (kind === "CronJob") return spec.jobTemplate.spec.template;
      return kind === "Pod" ? { metadata, spec } : spec.template;
    });
    for (const { metadata, spec } of templates) {
      expect(metadata.annotations[POLICY]).toBeString();
      expect(spec.initContainers[0].name).toBe("contrast-initializer");
      expect(spec.runtimeClassName).toMatch(/^contrast-cc-k3s-qemu-snp-/);
    }
    const entries = Object.values(workspace.manifest().Policies);
    expect(entries.map(({ WorkloadSecretID: id }) => id).toSorted()).toEqual([
      "apps/v1/DaemonSet/shop/daemonset",
      "apps/v1/Deployment/shop/deployment",
      "apps/v1/ReplicaSet/shop/replicaset",
      "apps/v1/StatefulSet/shop/statefulset",
      "batch/v1/CronJob/shop/cronjob",
      "batch/v1/Job/shop/job",
      "core/v1/Pod/shop/pod",
      "core/v1/ReplicationController/shop/replicationcontroller",
    ]);
  });

  test.concurrent(
    "takes ConfigMaps and Secrets from any file, in any order, and leaves those files alone",
    async () => {
      const container = `env:
  - name: FIRST
    valueFrom: {configMapKeyRef: {name: early, key: k}}
  - name: SECOND
    valueFrom: {secretKeyRef: {name: late, key: k}}
envFrom:
  - configMapRef: {name: early}
  - secretRef: {name: text}
    prefix: P_`;
      const files = {
        "a/early.yml":
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: early, namespace: shop}\ndata: {k: one, L: two}\n",
        "web.yaml": deploymentYaml("web", { container }),
        "z/late.yaml": `apiVersion: v1
kind: Secret
metadata: {name: late, namespace: shop}
data: {k: ${btoa("secret\n")}}
---
apiVersion: v1
kind: Secret
metadata: {name: text, namespace: shop}
stringData: {M: three}
`,
      };
      const workspace = bench.workspace(files);
      expect(await workspace.generate(["."])).toMatchObject({ status: 0 });
      const { Env } = policyData(workspace.read("web.yaml")).containers.at(-1)!.OCI.Process;
      expect(Env).toEqual(expect.arrayContaining(["FIRST=one", "SECOND=secret\n", "L=two", "P_M=three"]));
      expect(workspace.read("a/early.yml")).toBe(files["a/early.yml"]);
      expect(workspace.read("z/late.yaml")).toBe(files["z/late.yaml"]);
    },
  );

  test.concurrent("leaves files without confidential pods alone, and says so at level info", async () => {
    const other = podYaml("other").replace("contrast-cc", "runc # not contrast-cc");
    const workspace = bench.workspace({ "a.yaml": podYaml("mine"), "b.yaml": other, "c.txt": podYaml("text") });
    const { status, stderr } = await workspace.generate(["--log-level=info", "."]);
    expect([status, workspace.read("b.yaml"), workspace.read("c.txt")]).toEqual([0, other, podYaml("text")]);
    expect(stderr).toMatch(/level=INFO .*path=b\.yaml/);
    const { json } = await workspace.generateJson(["b.yaml"]);
    expect(json.code).toBe("kubernetes/no-targets");
    expect((await workspace.generateJson(["c.txt"])).json.code).toBe("kubernetes/no-yaml-files");
    expect((await workspace.generateJson(["absent.yaml"])).json.code).toBe("kubernetes/path-missing");
    expect((await workspace.generateJson([])).json.code).toBe("kubernetes/no-yaml-files");
  });

  test.concurrent("walks directories in lexical order, hidden ones too, and follows no links in them", async () => {
    const workspace = bench.workspace({
      "in/b.yml": podYaml("b"),
      "in/a/z.yaml": podYaml("z"),
      "in/.hidden/h.yaml": podYaml("h"),
      "in/.dot.yaml": podYaml("dot"),
      "in/B.yaml": podYaml("upper"),
      "in/x.YAML": "a: [contrast-cc",
      "in/x.yaml.orig": "a: [contrast-cc",
      "outside/o.yaml": podYaml("outside"),
    });
    symlinkSync(".", workspace.path("in/loop"));
    symlinkSync("../outside", workspace.path("in/linked"));
    symlinkSync("../outside/o.yaml", workspace.path("in/o.yaml"));
    const { json } = await workspace.generateJson(["in/b.yml", "in"]);
    expect(json.workloads?.map(({ name }) => name)).toEqual(["b", "dot", "h", "upper", "z"]);
    expect(workspace.read("outside/o.yaml")).toBe(podYaml("outside"));
  });

  test.concurrent("replaces runtime classes of other versions and platforms, and no others", async () => {
    const pod = (name: string): string => podYaml(name.replaceAll(/[^a-z0-9]/g, "")).replace("contrast-cc", name);
    const names = ["contrast-cc", "contrast-cc-aks-clh-snp-00000000", "kata-cc-isolation", "kata", "runc"];
    const documents = documentsOf(await generated(names.map(pod).join("---\n")));
    const [handler] = documents.map(({ spec }) => spec.runtimeClassName);
    expect(documents.map(({ spec }) => spec.runtimeClassName)).toEqual([handler, handler, handler, "kata", "runc"]);
    expect(documents.map(({ metadata }) => metadata.annotations?.[POLICY] !== undefined)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test.concurrent("writes digests with --pin-images, and warns about tags without it", async () => {
    const tagged = deploymentYaml("api", { image: "registry.example/web:1.0 # a tag" });
    const workspace = bench.workspace({ "in.yaml": tagged });
    const { json } = await workspace.generateJson(["-o", "out.yaml", "in.yaml"]);

    const warning = json.findings?.find(({ code }) => code === "policy/image-without-digest");
    expect(warning).toMatchObject({ file: "in.yaml", object: "Deployment api", line: 16 });
    expect(await workspace.generate(["--pin-images", "in.yaml"])).toMatchObject({ status: 0 });
    expect(workspace.read("in.yaml")).toContain(`          image: ${WEB} # a tag\n`);
    expect(policyData(workspace.read("in.yaml")).containers.at(-1)!.image).toBe(WEB);
    const again = await workspace.generateJson(["in.yaml"]);
    expect(again.json.findings?.map(({ code }) => code)).not.toContain("policy/image-without-digest");
  });

  test.concurrent("injects neither Initializer nor sidecar where that was asked for", async () => {
    const key = "contrast.edgeless.systems";
    const meshed = `annotations:\n  ${key}/servicemesh-ingress: main#8001#false`;
    const injected = async (metadata: string, flags: readonly string[]): Promise<unknown> => {
      const [{ spec }] = documentsOf(await generated(deploymentYaml("api", { metadata }), flags));
      return (spec.template.spec.initContainers ?? []).map(({ name }: { name: string }) => name);
    };
    const skipped = `${meshed}\n  ${key}/skip-initializer: "true"`;
    expect(await injected(meshed, [])).toEqual(["contrast-initializer", "contrast-service-mesh"]);
    expect(await injected(meshed, ["--skip-service-mesh"])).toEqual(["contrast-initializer"]);
    expect(await injected(meshed, ["--skip-initializer"])).toEqual(["contrast-service-mesh"]);
    expect(await injected(skipped, [])).toEqual(["contrast-service-mesh"]);
    expect(await injected(meshed, ["--skip-initializer", "--skip-service-mesh"])).toEqual([]);
  });

  test.concurrent("reads values as Kubernetes does: leading zeros are octal, YAML 1.1 words are booleans", async () => {
    const spec = `    env:
      - {name: WORD, value: "yes"}
      - {name: DATE, value: 2024-01-01}
    command: [12:30, "no", 1_e]
    tty: on
    securityContext: {runAsUser: 0o17, runAsGroup: 017}`;
    const { Env, Args, User } = policyData(await generated(podYaml("words", spec))).containers.at(-1)!.OCI.Process;
    expect(Env).toEqual(expect.arrayContaining(["WORD=yes", "DATE=2024-01-01"]));
    expect(Args).toEqual(["12:30", "no", "1_e"]);
    expect(User).toMatchObject({ UID: 15, GID: 15 });
    const workspace = bench.workspace({ "in.yaml": podYaml("words", "    command: [on, no]") });
    const { json } = await workspace.generateJson(["in.yaml"]);
    const wrongTypes = ["spec.containers[0].command[0]", "spec.containers[0].command[1]"];
    expect(json.findings?.map(({ code, path }) => [code, path])).toEqual(
      wrongTypes.map((path) => ["kubernetes/field-type", path]),
    );
  });
});
