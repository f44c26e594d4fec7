import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { parse, parseAllDocuments } from "yaml";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { expectLinesKept } from "./kept-lines.ts";
import { policyData } from "./policy-text.ts";
import { pinned } from "./sample-images.ts";
import { deploymentYaml } from "./sample-yaml.ts";
import { GenerateBench } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// What the self-check does has tests of its own.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);
const WEB = pinned("registry.example/web:1.0");

const HELM = `---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: release-shop
  labels:
    helm.sh/chart: shop-0.1.0
    app.kubernetes.io/version: "1.16.0"
spec:
  type: ClusterIP
  ports:
    - port: 80
      targetPort: http
---
# Source: shop/templates/deployment.yaml
${deploymentYaml("release-shop", { metadata: "labels:\n  helm.sh/chart: shop-0.1.0" })}
---
# Source: shop/templates/hpa.yaml
---
# Source: shop/templates/tests/test-connection.yaml
apiVersion: v1
kind: Pod
metadata:
  name: "release-shop-test"
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: busybox
      command: ['wget']
  restartPolicy: Never
`;

const KUSTOMIZE = `apiVersion: v1
data:
  GREETING: Hello
kind: ConfigMap
metadata:
  name: web-config-8m2f7t9h4c
  namespace: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: prod-web
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - envFrom:
        - configMapRef:
            name: web-config-8m2f7t9h4c
        image: ${WEB}
        name: web
      runtimeClassName: contrast-cc
`;

describe("contrast generate -", () => {
  test.concurrent("writes nothing but YAML to standard output", async () => {
    const workspace = bench.workspace({ "in.yaml": HELM });
    const piped = await workspace.generate(["-"], { stdin: HELM });
    expect(piped.status).toBe(0);
    expect(workspace.read("in.yaml")).toBe(HELM);
    expect(parseAllDocuments(piped.stdout)).toHaveLength(parseAllDocuments(HELM).length);
    expectLinesKept(HELM, piped.stdout, ["runtimeClassName: contrast-cc"]);
    expect(piped.stderr).toContain("✔️ Patched targets\n✔️ Generated workload policy annotations\n");
    expect(piped.stderr).toContain("✔️ Updated manifest manifest.json\n");
    // The same as from a file, and stable when it goes through again.
    expect((await workspace.generate(["in.yaml"])).status).toBe(0);
    expect(workspace.read("in.yaml")).toBe(piped.stdout);
    expect((await workspace.generate(["-"], { stdin: piped.stdout })).stdout).toBe(piped.stdout);
  });

  test.concurrent("writes a file with -o, and keeps JSON apart from YAML", async () => {
    const workspace = bench.workspace();
    const { status, json } = await workspace.generateJson(["-o", "out.yaml", "-"], { stdin: KUSTOMIZE });
    expect([status, json.ok]).toEqual([0, true]);
    expect(policyData(workspace.read("out.yaml")).containers.at(-1)!.OCI.Process.Env).toContain("GREETING=Hello");
    const before = workspace.snapshot();
    const both = await workspace.generateJson(["-"], { stdin: KUSTOMIZE });
    expect([both.status, both.json.code]).toEqual([2, "generate/output-invalid"]);
    const twice = await workspace.generateJson(["-o", "out.yaml", "-", "x.yaml"], { stdin: KUSTOMIZE });
    expect([twice.status, twice.json.code]).toEqual([2, "generate/standard-input-alone"]);
    const empty = await workspace.generate(["-"], { stdin: "" });
    expect([empty.status, empty.stdout]).toEqual([1, ""]);
    const broken = await workspace.generate(["-"], { stdin: `${KUSTOMIZE}a: [` });
    expect([broken.status, broken.stdout]).toEqual([1, ""]);
    expect(broken.stderr).toMatch(/\n {2}standard input:\d+:\d+: /);
    expect(workspace.snapshot()).toEqual(before);
  });

  test.concurrent("answers a ResourceList with one, also where it is stopped", async () => {
    const list = (image: string): string => {
      const item = deploymentYaml("web", { image })
        .replaceAll(/^(?=.)/gm, "    ")
        .replace("    ", "  - ");
      return `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${item}`;
    };
    const run = async (image: string): Promise<{ status: number | null; results: { severity: string }[] }> => {
      const { status, stdout } = await bench.workspace().generate(["-"], { stdin: list(image) });
      return { status, ...(parse(stdout) as { results: { severity: string }[] }) };
    };
    const good = await run(WEB);
    expect([good.status, new Set(good.results.map(({ severity }) => severity))]).toEqual([0, new Set(["warning"])]);
    expect(await run("registry.example/none:1")).toMatchObject({
      status: 1,
      kind: "ResourceList",
      items: [{ kind: "Deployment" }],
      results: [
        {
          severity: "error",
          tags: { code: "oci/offline-missing" },
          resourceRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", namespace: "shop" },
          field: { path: "spec.template.spec.containers[0].image" },
        },
      ],
    });
  });
});
