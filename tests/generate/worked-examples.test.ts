import { describe, expect, test } from "bun:test";
import { type Value, isValueList, isValueMap } from "../../src/kubernetes/value.ts";
import { workloadOf } from "../../src/kubernetes/workload.ts";
import { embeddedImageReplacements } from "../../src/generate/image-replacements.ts";
import { patchObject } from "../../src/generate/patch/patch-object.ts";
import { needsPolicy, withPolicyAnnotation } from "../../src/generate/policy-annotation.ts";
import { objectsFrom, pathContext } from "../fakes/objects.ts";

const AKS_HANDLER = "contrast-cc-aks-clh-snp-7173acb5";
const images = embeddedImageReplacements();
const INITIALIZER = images.get("ghcr.io/edgelesssys/contrast/initializer:latest");
const COORDINATOR = images.get("ghcr.io/edgelesssys/contrast/coordinator:latest");
const MESH_PROXY = images.get("ghcr.io/edgelesssys/contrast/service-mesh-proxy:latest");

/** Patches and annotates every object, as `generate` does with `POLICY` as the text of each policy annotation. */
function generated(yaml: string, handler = AKS_HANDLER): Value[] {
  const context = pathContext();
  const results = objectsFrom(yaml).map((object) => {
    const workload = workloadOf(object);
    if (workload === undefined) return object.value;
    const options = { handler, images, skipInitializer: false, skipServiceMesh: false };
    const patched = patchObject(object.value, workload, options, context);
    return needsPolicy(patched, workload) ? withPolicyAnnotation(patched, workload, "POLICY") : patched;
  });
  expect([context.errors(), context.warnings()]).toEqual([[], []]);
  return results;
}

/** The examples show quantities in canonical form; we leave them as the user wrote them. */
const CANONICAL = new Map<Value, string>([
  ["1024Mi", "1Gi"],
  [1, "1"],
]);

/** Values as Kubernetes compares them: quantities in their canonical form. */
function canonical(value: Value): Value {
  if (isValueList(value)) return value.map(canonical);
  if (!isValueMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      (key === "limits" || key === "requests") && isValueMap(member)
        ? Object.fromEntries(Object.entries(member).map(([name, amount]) => [name, CANONICAL.get(amount) ?? amount]))
        : canonical(member),
    ]),
  );
}

function expectEqual(actual: Value[], yaml: string): void {
  expect(actual.map(canonical)).toEqual(objectsFrom(yaml).map(({ value }) => canonical(value)));
}

const INITIALIZER_YAML = (indent: string): string =>
  `- env:
    - name: COORDINATOR_HOST
      value: coordinator
  image: ${INITIALIZER}
  name: contrast-initializer
  resources:
    requests:
      memory: 50Mi
  volumeMounts:
    - mountPath: /contrast
      name: contrast-secrets`.replaceAll("\n", `\n${indent}`);

const PLAIN = `
apiVersion: apps/v1
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
          image: registry.example/api:1.0@sha256:${"1".repeat(64)}
          resources:
            limits: {memory: 1024Mi}
`;

describe("patchObject()", () => {
  test("makes worked example (a), a plain Deployment", () => {
    expectEqual(
      generated(PLAIN),
      `
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
        io.katacontainers.config.agent.policy: POLICY
      labels:
        app: api
    spec:
      containers:
        - image: registry.example/api:1.0@sha256:${"1".repeat(64)}
          name: api
          resources:
            limits:
              memory: 1Gi
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      initContainers:
        ${INITIALIZER_YAML("        ")}
      runtimeClassName: ${AKS_HANDLER}
      volumes:
        - emptyDir: {}
          name: contrast-secrets
`,
    );
  });

  test("makes worked example (b), a service mesh with a user's init container and an admin port", () => {
    const metadata = `
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
    const input = `${metadata}
  template:
    metadata:
      labels: {app: web}
    spec:
      runtimeClassName: contrast-cc
      initContainers:
        - name: migrate
          image: registry.example/migrate@sha256:${"2".repeat(64)}
      containers:
        - name: web
          image: registry.example/web@sha256:${"3".repeat(64)}
`;
    expectEqual(
      generated(input),
      `${metadata}
  template:
    metadata:
      annotations:
        io.katacontainers.config.agent.policy: POLICY
      labels: {app: web}
    spec:
      containers:
        - image: registry.example/web@sha256:${"3".repeat(64)}
          name: web
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      initContainers:
        ${INITIALIZER_YAML("        ")}
        - image: registry.example/migrate@sha256:${"2".repeat(64)}
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
          image: ${MESH_PROXY}
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
      runtimeClassName: ${AKS_HANDLER}
      volumes:
        - emptyDir: {}
          name: contrast-secrets
`,
    );
  });

  test("makes worked example (c), the skip annotation and a Job that is not confidential", () => {
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
    const [deployment, cleanup] = generated(`${skipped}${job}`);
    expectEqual(
      [deployment!, cleanup!],
      `${skipped
        .replace("runtimeClassName: contrast-cc", `runtimeClassName: ${AKS_HANDLER}`)
        .replace(
          "    metadata:\n      labels",
          "    metadata:\n      annotations:\n        io.katacontainers.config.agent.policy: POLICY\n      labels",
        )}${job}`,
    );
  });

  test("makes worked example (d), a GPU pod", () => {
    const handler = "contrast-cc-k3s-qemu-snp-gpu-0f0e0d0c";
    const input = `
apiVersion: v1
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
      image: registry.example/infer@sha256:${"4".repeat(64)}
      env:
        - name: NVIDIA_VISIBLE_DEVICES
          value: all
      resources:
        limits:
          nvidia.com/GH100_H100_PCIE: 1
`;
    expectEqual(
      generated(input, handler),
      `
apiVersion: v1
kind: Pod
metadata:
  annotations:
    cdi.k8s.io/gpu: nvidia.com/pgpu=0
    io.katacontainers.config.agent.policy: POLICY
    io.katacontainers.config.hypervisor.default_memory: "16384"
  name: infer
spec:
  containers:
    - env:
        - name: NVIDIA_VISIBLE_DEVICES
          value: all
      image: registry.example/infer@sha256:${"4".repeat(64)}
      name: infer
      resources:
        limits:
          nvidia.com/GH100_H100_PCIE: "1"
      volumeMounts:
        - mountPath: /contrast
          name: contrast-secrets
  initContainers:
    ${INITIALIZER_YAML("    ")}
  runtimeClassName: ${handler}
  volumes:
    - emptyDir: {}
      name: contrast-secrets
`,
    );
  });

  test("makes worked example (e), a Coordinator, even with mesh annotations and as another kind", () => {
    for (const kind of ["StatefulSet", "Deployment"]) {
      const coordinator = (image: string, runtimeClass: string, policy: string): string => `
apiVersion: apps/v1
kind: ${kind}
metadata:
  name: coordinator
  annotations:
    contrast.edgeless.systems/servicemesh-ingress: ""
spec:
  replicas: 1
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
      expectEqual(
        generated(coordinator("ghcr.io/edgelesssys/contrast/coordinator:latest", "contrast-cc", "")),
        coordinator(COORDINATOR ?? "", AKS_HANDLER, "\n        io.katacontainers.config.agent.policy: POLICY"),
      );
    }
  });
});
