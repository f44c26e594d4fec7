import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { pinned, SAMPLE_IMAGES } from "./sample-images.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

/** The examples are those of the 1.4 manual's behaviour, on another platform than AKS and with images that exist. */
const root = temporaryDirectory();
const bench = new GenerateBench(root);
const POLICY = "io.katacontainers.config.agent.policy";
const HANDLER = "contrast-cc-k3s-qemu-snp-7173acb5";
const GPU_HANDLER = "contrast-cc-k3s-qemu-snp-gpu-0f0e0d0c";
const DIGEST = SAMPLE_IMAGES["registry.example/web:1.0"].descriptor.digest;
const INITIALIZER = pinned("registry.example/contrast/initializer:v1");
const MESH = pinned("registry.example/contrast/mesh:v1");
const COORDINATOR = pinned("registry.example/contrast/coordinator:v1");

const snp = (trustedMeasurement: string): object => ({
  minimumTCB: { bootloaderVersion: 9, teeVersion: 0, snpVersion: 23, microcodeVersion: 72 },
  productName: "Genoa",
  trustedMeasurement,
});
const REFERENCE_VALUES = JSON.stringify({
  [HANDLER]: { snp: [snp("ab".repeat(48))] },
  [GPU_HANDLER]: { snp: [snp("cd".repeat(48))] },
});

interface Example {
  readonly workspace: Workspace;
  readonly stderr: string;
  /** The documents after the run; policies are replaced by the text POLICY. */
  readonly documents: readonly unknown[];
  /** What the manifest says about each policy, in the order of the documents. */
  readonly entries: readonly unknown[];
}

async function generated(yaml: string, platform = "k3s-qemu-snp"): Promise<Example> {
  const workspace = bench.workspace({ "resources/all.yml": yaml, "values.json": REFERENCE_VALUES });
  const sources = ["api:1.0", "web", "migrate", "infer"].map((name) => {
    return `--image-source=registry.example/${name}=${join(root, "layout")}`;
  });
  const args = [...sources, "--reference-values-file=values.json", "resources"];
  const { status, stdout, stderr } = await workspace.generate(args, { platform });
  // All reference values are there, so the hint to fill them in is not.
  const messages = ["Patched targets", "Generated workload policy annotations", "Updated manifest manifest.json"];
  expect([status, stdout]).toEqual([0, messages.map((message) => `✔️ ${message}\n`).join("")]);
  const { Policies: policies } = workspace.manifest();
  const entries: unknown[] = [];
  const documents = documentsOf(workspace.read("resources/all.yml")).map((document) => {
    return withoutPolicies(document, (policy) => {
      expect(policy).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
      const text = Buffer.from(policy, "base64").toString();
      expect(text).toStartWith(`${workspace.read("rules.rego")}\npolicy_data := {\n  "`);
      entries.push(policies[createHash("sha256").update(text).digest("hex")]);
    });
  });
  expect(entries).toHaveLength(Object.keys(policies).length);
  return { workspace, stderr, documents, entries };
}

function documentsOf(yaml: string): readonly unknown[] {
  return parseAllDocuments(yaml).map((document) => document.toJS());
}

/** The examples show quantities in canonical form; we leave them as the user wrote them. */
const CANONICAL: Readonly<Record<string, string>> = { "1024Mi": "1Gi", "1": "1" };

function withoutPolicies(value: unknown, found: (policy: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutPolicies(item, found));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key === POLICY) {
        found(String(member));
        return [key, "POLICY"];
      }
      if (key === "limits") {
        return [key, Object.fromEntries(Object.entries(member).map(([k, v]) => [k, CANONICAL[String(v)] ?? v]))];
      }
      return [key, withoutPolicies(member, found)];
    }),
  );
}

/** The Initializer as an item of a list that is indented by `indent` spaces. */
function initializer(indent: number): string {
  return `- env:
    - name: COORDINATOR_HOST
      value: coordinator
  image: ${INITIALIZER}
  name: contrast-initializer
  resources:
    requests:
      memory: 50Mi
  volumeMounts:
    - mountPath: /contrast
      name: contrast-secrets`.replaceAll("\n", `\n${" ".repeat(indent)}`);
}

const PLAIN = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      runtimeClassName: contrast-cc
      containers:
        - name: api
          image: registry.example/api:1.0@${DIGEST}
          resources:
            limits: {memory: 1024Mi}
`;

describe("contrast generate", () => {
  test.concurrent("makes worked example (a), a plain Deployment", async () => {
    const { documents, entries } = await generated(PLAIN);
    expect(entries).toEqual([{ SANs: ["api", "*"], WorkloadSecretID: "apps/v1/Deployment/shop/api" }]);
    expect(documents).toEqual(
      documentsOf(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: api
  template:
    metadata:
      annotations:
        ${POLICY}: POLICY
      labels:
        app: api
    spec:
      containers:
        - image: registry.example/api:1.0@${DIGEST}
          name: api
          resources:
            limits:
              memory: 1Gi
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      initContainers:
        ${initializer(8)}
      runtimeClassName: ${HANDLER}
      volumes:
        - emptyDir: {}
          name: contrast-secrets
`),
    );
  });

  test.concurrent(
    "makes worked example (b), a service mesh with a user's init container and an admin port",
    async () => {
      const head = `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
  annotations:
    contrast.edgeless.systems/servicemesh-ingress: "main#8001#false##metrics#8080#true"
    contrast.edgeless.systems/servicemesh-egress: "backend#127.0.0.2:4001#backend.default:4001"
    contrast.edgeless.systems/servicemesh-admin-interface-port: "9901"
spec:
  serviceName: web
  selector:
    matchLabels: {app: web}
`;
      const { documents, entries } = await generated(`${head}
  template:
    metadata:
      labels: {app: web}
    spec:
      runtimeClassName: contrast-cc
      initContainers:
        - name: migrate
          image: registry.example/migrate@${DIGEST}
      containers:
        - name: web
          image: registry.example/web@${DIGEST}
`);
      expect(entries).toEqual([{ SANs: ["web", "*"], WorkloadSecretID: "apps/v1/StatefulSet/default/web" }]);
      expect(documents).toEqual(
        documentsOf(`${head}
  template:
    metadata:
      annotations:
        ${POLICY}: POLICY
      labels:
        app: web
    spec:
      containers:
        - image: registry.example/web@${DIGEST}
          name: web
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      initContainers:
        ${initializer(8)}
        - image: registry.example/migrate@${DIGEST}
          name: migrate
        - args:
            - "-l"
            - debug
          env:
            - name: CONTRAST_ADMIN_PORT
              value: "9901"
            - name: CONTRAST_INGRESS_PROXY_CONFIG
              value: main#8001#false##metrics#8080#true
            - name: CONTRAST_EGRESS_PROXY_CONFIG
              value: backend#127.0.0.2:4001#backend.default:4001
          image: ${MESH}
          name: contrast-service-mesh
          ports:
            - containerPort: 9901
              name: contrast-admin
          restartPolicy: Always
          securityContext:
            capabilities:
              add:
                - NET_ADMIN
            privileged: true
          startupProbe:
            exec:
              command:
                - test
                - "-f"
                - /ready
            failureThreshold: 5
            initialDelaySeconds: 1
            periodSeconds: 5
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      runtimeClassName: ${HANDLER}
      volumes:
        - emptyDir: {}
          name: contrast-secrets
`),
      );
    },
  );

  test.concurrent("makes worked example (c), the skip annotation and a Job that is not confidential", async () => {
    const job = `---
apiVersion: batch/v1
kind: Job
metadata:
  name: cleanup
spec:
  template:
    spec:
      containers:
        - image: registry.example/cleanup:1
          name: cleanup
      restartPolicy: Never
`;
    const annotation = 'metadata:\n  annotations:\n    contrast.edgeless.systems/skip-initializer: "true"\n';
    const skipped = PLAIN.replace("metadata:\n", annotation);
    const { documents, entries } = await generated(`${skipped}${job}`);
    expect(entries).toEqual([{ SANs: ["api", "*"], WorkloadSecretID: "apps/v1/Deployment/shop/api" }]);
    const expected = skipped
      .replace("runtimeClassName: contrast-cc", `runtimeClassName: ${HANDLER}`)
      .replace("1024Mi", "1Gi")
      .replace("      labels:", `      annotations: {${POLICY}: POLICY}\n      labels:`);
    expect(documents).toEqual(documentsOf(`${expected}${job}`));
  });

  test.concurrent("makes worked example (d), a GPU pod", async () => {
    const input = `apiVersion: v1
kind: Pod
metadata:
  name: infer
  annotations:
    cdi.k8s.io/gpu: "nvidia.com/pgpu=0"
    io.katacontainers.config.hypervisor.default_memory: "16384"
spec:
  runtimeClassName: contrast-cc
  containers:
    - name: infer
      image: registry.example/infer@${DIGEST}
      env:
        - name: NVIDIA_VISIBLE_DEVICES
          value: all
      resources:
        limits:
          nvidia.com/GH100_H100_PCIE: 1
`;
    const { documents, entries, workspace } = await generated(input, "k3s-qemu-snp-gpu");
    expect(entries).toEqual([{ SANs: ["infer", "*"], WorkloadSecretID: "core/v1/Pod/default/infer" }]);
    expect(workspace.manifest().ReferenceValues).toMatchObject({ snp: [{ TrustedMeasurement: "cd".repeat(48) }] });
    expect(documents).toEqual(
      documentsOf(`
apiVersion: v1
kind: Pod
metadata:
  annotations:
    cdi.k8s.io/gpu: nvidia.com/pgpu=0
    ${POLICY}: POLICY
    io.katacontainers.config.hypervisor.default_memory: "16384"
  name: infer
spec:
  containers:
    - env:
        - name: NVIDIA_VISIBLE_DEVICES
          value: all
      image: registry.example/infer@${DIGEST}
      name: infer
      resources:
        limits:
          nvidia.com/GH100_H100_PCIE: "1"
      volumeMounts:
        - mountPath: /contrast
          name: contrast-secrets
  initContainers:
    ${initializer(4)}
  runtimeClassName: ${GPU_HANDLER}
  volumes:
    - emptyDir: {}
      name: contrast-secrets
`),
    );
  });

  test.concurrent("makes worked example (e), a Coordinator, even with mesh annotations", async () => {
    const coordinator = (annotation: string, image: string, runtimeClass: string, policy: string): string => `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: coordinator${annotation}
spec:
  replicas: 1
  serviceName: coordinator
  selector:
    matchLabels: {app.kubernetes.io/name: coordinator}
  template:
    metadata:
      labels: {app.kubernetes.io/name: coordinator}
      annotations:
        contrast.edgeless.systems/pod-role: coordinator${policy}
    spec:
      runtimeClassName: ${runtimeClass}
      containers:
        - name: coordinator
          image: ${image}
          ports:
            - {name: userapi, containerPort: 1313}
            - {name: meshapi, containerPort: 7777}
`;
    const mesh = "\n  annotations: {contrast.edgeless.systems/servicemesh-egress: b#127.0.0.2:4001#b.default:4001}";
    for (const annotation of ["", mesh]) {
      const latest = "ghcr.io/edgelesssys/contrast/coordinator:latest";
      const { documents, entries, workspace } = await generated(coordinator(annotation, latest, "contrast-cc", ""));
      const entry = { SANs: ["coordinator", "*"], WorkloadSecretID: "apps/v1/StatefulSet/default/coordinator" };
      expect(entries).toEqual([entry]);
      expect(documents).toEqual(
        documentsOf(coordinator(annotation, COORDINATOR, HANDLER, `\n        ${POLICY}: POLICY`)),
      );
      const { Policies: policies } = workspace.manifest();
      expect(workspace.read("coordinator-policy.sha256")).toBe(Object.keys(policies).join());
    }
  });
});
