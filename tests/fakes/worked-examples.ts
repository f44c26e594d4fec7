/** What differs from run to run in the worked examples. */
export interface ExampleParts {
  /** Of every image of the user, `sha256:…`. */
  readonly digest: string;
  readonly handler: string;
  readonly gpuHandler: string;
  /** What replaces the images of the release. */
  readonly initializer: string;
  readonly mesh: string;
  readonly coordinator: string;
}

/** The behaviour that version 1.4 documents, by example; each policy is the text POLICY. */
export interface WorkedExample {
  readonly title: string;
  readonly needsGpu: boolean;
  readonly input: string;
  readonly expected: string;
  /** What the manifest says about the one policy. */
  readonly sans: readonly string[];
  readonly workloadSecretId: string;
}

const POLICY = "io.katacontainers.config.agent.policy: POLICY";

/** The worked examples (a) to (e). */
export function workedExamples(parts: ExampleParts): readonly WorkedExample[] {
  return [
    plainDeployment(parts),
    meshWithAdminPort(parts),
    skippedInitializer(parts),
    gpuPod(parts),
    coordinator(parts, "StatefulSet", ""),
    coordinator(parts, "StatefulSet", "servicemesh-egress: b#127.0.0.2:4001#b.default:4001"),
    coordinator(parts, "Deployment", 'servicemesh-ingress: ""'),
  ];
}

/** A value with quantities as the examples show them, in canonical form; we leave them as the user wrote them. */
export function withCanonicalQuantities(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCanonicalQuantities);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => {
      if (key !== "limits" || typeof member !== "object" || member === null) {
        return [key, withCanonicalQuantities(member)];
      }
      const amounts = Object.entries(member).map(([name, amount]) => [name, canonicalAmount(String(amount))]);
      return [key, Object.fromEntries(amounts)];
    }),
  );
}

function canonicalAmount(amount: string): string {
  return amount === "1024Mi" ? "1Gi" : amount;
}

/** The Initializer as an item of a list that is indented by `indent` spaces. */
function initializerItem(image: string, indent: number): string {
  return `- env:
    - name: COORDINATOR_HOST
      value: coordinator
  image: ${image}
  name: contrast-initializer
  resources:
    requests:
      memory: 50Mi
  volumeMounts:
    - mountPath: /contrast
      name: contrast-secrets`.replaceAll("\n", `\n${" ".repeat(indent)}`);
}

function plainInput(digest: string): string {
  return `apiVersion: apps/v1
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
          image: registry.example/api:1.0@${digest}
          resources:
            limits: {memory: 1024Mi}
`;
}

const API_IDENTITY = { sans: ["api", "*"], workloadSecretId: "apps/v1/Deployment/shop/api" };

function plainDeployment({ digest, handler, initializer }: ExampleParts): WorkedExample {
  return {
    title: "(a), a plain Deployment",
    needsGpu: false,
    input: plainInput(digest),
    ...API_IDENTITY,
    expected: `
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
        ${POLICY}
      labels:
        app: api
    spec:
      containers:
        - image: registry.example/api:1.0@${digest}
          name: api
          resources:
            limits:
              memory: 1Gi
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      initContainers:
        ${initializerItem(initializer, 8)}
      runtimeClassName: ${handler}
      volumes:
        - emptyDir: {}
          name: contrast-secrets
`,
  };
}

function meshWithAdminPort({ digest, handler, initializer, mesh }: ExampleParts): WorkedExample {
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
  return {
    title: "(b), a service mesh with a user's init container and an admin port",
    needsGpu: false,
    sans: ["web", "*"],
    workloadSecretId: "apps/v1/StatefulSet/default/web",
    input: `${head}
  template:
    metadata:
      labels: {app: web}
    spec:
      runtimeClassName: contrast-cc
      initContainers:
        - name: migrate
          image: registry.example/migrate@${digest}
      containers:
        - name: web
          image: registry.example/web@${digest}
`,
    expected: `${head}
  template:
    metadata:
      annotations:
        ${POLICY}
      labels:
        app: web
    spec:
      containers:
        - image: registry.example/web@${digest}
          name: web
          volumeMounts:
            - mountPath: /contrast
              name: contrast-secrets
      initContainers:
        ${initializerItem(initializer, 8)}
        - image: registry.example/migrate@${digest}
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
          image: ${mesh}
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
      runtimeClassName: ${handler}
      volumes:
        - emptyDir: {}
          name: contrast-secrets
`,
  };
}

function skippedInitializer({ digest, handler }: ExampleParts): WorkedExample {
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
  const input = `${plainInput(digest).replace("metadata:\n", annotation)}${job}`;
  return {
    title: "(c), the skip annotation and a Job that is not confidential",
    needsGpu: false,
    input,
    ...API_IDENTITY,
    expected: input
      .replace("runtimeClassName: contrast-cc", `runtimeClassName: ${handler}`)
      .replace("      labels:", `      annotations: {${POLICY}}\n      labels:`),
  };
}

function gpuPod({ digest, gpuHandler, initializer }: ExampleParts): WorkedExample {
  return {
    title: "(d), a GPU pod",
    needsGpu: true,
    sans: ["infer", "*"],
    workloadSecretId: "core/v1/Pod/default/infer",
    input: `apiVersion: v1
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
      image: registry.example/infer@${digest}
      env:
        - name: NVIDIA_VISIBLE_DEVICES
          value: all
      resources:
        limits:
          nvidia.com/GH100_H100_PCIE: 1
`,
    expected: `
apiVersion: v1
kind: Pod
metadata:
  annotations:
    cdi.k8s.io/gpu: nvidia.com/pgpu=0
    ${POLICY}
    io.katacontainers.config.hypervisor.default_memory: "16384"
  name: infer
spec:
  containers:
    - env:
        - name: NVIDIA_VISIBLE_DEVICES
          value: all
      image: registry.example/infer@${digest}
      name: infer
      resources:
        limits:
          nvidia.com/GH100_H100_PCIE: "1"
      volumeMounts:
        - mountPath: /contrast
          name: contrast-secrets
  initContainers:
    ${initializerItem(initializer, 4)}
  runtimeClassName: ${gpuHandler}
  volumes:
    - emptyDir: {}
      name: contrast-secrets
`,
  };
}

/** @param annotation of the mesh, without the part that all have in common; empty for none */
function coordinator(parts: ExampleParts, kind: "StatefulSet" | "Deployment", annotation: string): WorkedExample {
  const annotations = annotation === "" ? "" : `\n  annotations:\n    contrast.edgeless.systems/${annotation}`;
  const document = (image: string, runtimeClass: string, policy: string): string => `
apiVersion: apps/v1
kind: ${kind}
metadata:
  name: coordinator${annotations}
spec:
  replicas: 1${kind === "StatefulSet" ? "\n  serviceName: coordinator" : ""}
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
  const mesh = annotation === "" ? "no annotation" : annotation.slice(0, annotation.indexOf(":"));
  return {
    title: `(e), a Coordinator as ${kind} with ${mesh}`,
    needsGpu: false,
    sans: ["coordinator", "*"],
    workloadSecretId: `apps/v1/${kind}/default/coordinator`,
    input: document("ghcr.io/edgelesssys/contrast/coordinator:latest", "contrast-cc", ""),
    expected: document(parts.coordinator, parts.handler, `\n        ${POLICY}`),
  };
}
