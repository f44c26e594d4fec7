import { describe, expect, test } from "bun:test";
import { LINT_RULES } from "../../src/lint/rule-catalogue.ts";
import { SIDECAR_IMAGE } from "../../src/servicemesh/original-image.ts";
import { DIGEST, lintYaml, type PodParts, podYaml } from "../fakes/lint.ts";

const CONTAINER = "spec.containers[0]";
const INGRESS = "contrast.edgeless.systems/servicemesh-ingress";
const UDP = "contrast.edgeless.systems/servicemesh-udp";
const EGRESS = "contrast.edgeless.systems/servicemesh-egress";
const ADMIN = "contrast.edgeless.systems/servicemesh-admin-interface-port";
const MEMORY = "io.katacontainers.config.hypervisor.default_memory";
const MESHED = `annotations: {${INGRESS}: "open#8080#true##auth#81#false", ${EGRESS}: "db#127.0.0.2:4001#db:5432", ${ADMIN}: "9901"}`;
const GPU = "resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: 1}}";
const GPU_PLATFORM = { display: "K3s-QEMU-SNP-GPU", gpu: true };

const mounted = (source: string): PodParts => ({
  spec: `volumes: [{name: data, ${source}}]`,
  container: "volumeMounts: [{name: data, mountPath: /data}]",
});
const MOUNT = `${CONTAINER}.volumeMounts[0].name`;

const CDI = 'metadata.annotations["cdi.k8s.io/gpu"]';
const cdi = (devices: string, gpus = 1): PodParts => ({
  metadata: `annotations: {cdi.k8s.io/gpu: "${devices}"}`,
  container: `resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: ${gpus}}}`,
});
const limitOf = (list: string): string => `${CONTAINER}.resources.${list}["nvidia.com/a"]`;
const besideGpu = (env: string): PodParts => ({
  spec: `initContainers: [{name: i, image: "i${DIGEST}", resources: {limits: {memory: 64Mi}}, env: ${env}}]`,
  container: GPU,
});

/** A pod, and the one place where the rule finds something in it; undefined for its nearest neighbour, which is in order. */
type Case = readonly [rule: string, parts: PodParts, path: string | undefined];

const CASES: readonly Case[] = [
  ["image-digest", { container: "image: web:1" }, `${CONTAINER}.image`],
  ["image-digest", { container: `image: "web:1${DIGEST}"` }, undefined],
  ["image-digest", { container: 'image: "ghcr.io/edgelesssys/contrast/coordinator:latest"' }, undefined],
  ["image-digest", { container: "image: web:1", spec: "runtimeClassName: runc" }, undefined],
  [
    "component-version",
    { container: `image: "ghcr.io/edgelesssys/contrast/coordinator:v1.3.0${DIGEST}"` },
    `${CONTAINER}.image`,
  ],
  ["component-version", { container: `image: "ghcr.io/edgelesssys/contrast/coordinator:v1.4.1${DIGEST}"` }, undefined],
  ["component-version", { container: 'image: "ghcr.io/edgelesssys/contrast/coordinator:latest"' }, undefined],
  ["component-version", { container: `image: "ghcr.io/edgelesssys/contrast/coordinator${DIGEST}"` }, undefined],
  [
    "component-version",
    { container: `image: "ghcr.io/edgelesssys/contrast/coordinator-x:v1.3.0${DIGEST}"` },
    undefined,
  ],
  ["component-version", { container: `image: "other/coordinator:v1.3.0${DIGEST}"` }, undefined],
  [
    "exec-probe",
    { container: "livenessProbe: {exec: {command: [test, -f, /x]}}" },
    `${CONTAINER}.livenessProbe.exec.command`,
  ],
  ["exec-probe", { container: "readinessProbe: {exec: {command: [x]}}" }, `${CONTAINER}.readinessProbe.exec.command`],
  ["exec-probe", { container: "startupProbe: {exec: {command: [x]}}" }, `${CONTAINER}.startupProbe.exec.command`],
  [
    "exec-probe",
    { container: "lifecycle: {postStart: {exec: {command: [x]}}}" },
    `${CONTAINER}.lifecycle.postStart.exec.command`,
  ],
  [
    "exec-probe",
    { container: "lifecycle: {preStop: {exec: {command: [x]}}}" },
    `${CONTAINER}.lifecycle.preStop.exec.command`,
  ],
  ["exec-probe", { container: "livenessProbe: {httpGet: {port: 80}}" }, undefined],
  ["env-secret", { container: "env: [{name: DB_PASSWORD, value: hunter2}]" }, `${CONTAINER}.env[0].value`],
  ["env-secret", { container: `env: [{name: X, value: "ghp_${"a".repeat(36)}"}]` }, `${CONTAINER}.env[0].value`],
  ["env-secret", { container: 'env: [{name: DB, value: "postgres://me:pw@db/x"}]' }, `${CONTAINER}.env[0].value`],
  ["env-secret", { container: 'env: [{name: K, value: "-----BEGIN PRIVATE KEY-----"}]' }, `${CONTAINER}.env[0].value`],
  ["env-secret", { container: "env: [{name: api-key, value: abc}]" }, `${CONTAINER}.env[0].value`],
  ["env-secret", { container: "env: [{name: DB_PASSWORD_FILE, value: /run/pw}]" }, undefined],
  ["env-secret", { container: "env: [{name: PASSWORD_LENGTH, value: '12'}]" }, undefined],
  ["env-secret", { container: 'env: [{name: DB, value: "postgres://db.example/x"}]' }, undefined],
  ["env-secret", { container: "env: [{name: DB_PASSWORD, value: ''}]" }, undefined],
  ["env-secret", { container: 'env: [{name: DB_PASSWORD, value: "$(OTHER)"}]' }, undefined],
  ["env-secret", { container: "env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}]" }, undefined],
  [
    "env-from-secret",
    { container: "env: [{name: A, value: b}, {name: T, valueFrom: {secretKeyRef: {name: a, key: b}}}]" },
    `${CONTAINER}.env[1].valueFrom.secretKeyRef`,
  ],
  [
    "env-from-secret",
    { container: "envFrom: [{prefix: A_, secretRef: {name: a}}]" },
    `${CONTAINER}.envFrom[0].secretRef`,
  ],
  ["env-from-secret", { container: "env: [{name: T, valueFrom: {configMapKeyRef: {name: a, key: b}}}]" }, undefined],
  ["env-from-secret", { container: "envFrom: [{configMapRef: {name: a}}]" }, undefined],
  ["mount-unknown", { container: "volumeMounts: [{name: data, mountPath: /d}]" }, `${CONTAINER}.volumeMounts[0].name`],
  [
    "mount-unknown",
    { spec: "volumes: [{name: data, emptyDir: {}}]", container: "volumeDevices: [{name: disk, devicePath: /dev/d}]" },
    `${CONTAINER}.volumeDevices[0].name`,
  ],
  ["mount-unknown", { container: "volumeMounts: [{name: contrast-secrets, mountPath: /d}]" }, undefined],
  ["mount-unknown", mounted("emptyDir: {}"), undefined],
  ["env-secret", { container: "env: [{name: COMPASS, value: north}]" }, undefined],
  ["env-secret", { container: "env: [{name: DB_PASSWORD, value: null}]" }, undefined],
  ["env-secret", { container: "env: [{name: USE_TOKEN, value: 'True'}]" }, undefined],
  ["env-secret", { container: "env: [{name: TOKEN, value: /run/token}]" }, undefined],
  ["env-secret", { container: `env: [{name: X, value: AKIA${"A".repeat(16)}}]` }, `${CONTAINER}.env[0].value`],
  ["image-digest", { container: "image: null" }, undefined],
  ["mesh-annotation-unused", { metadata: `annotations: {${INGRESS}s: ""}`, spec: "runtimeClassName: runc" }, undefined],
  ["mesh-syntax", { metadata: `annotations: {${EGRESS}: ""}` }, undefined],
  ["mesh-protocol", { metadata: MESHED, container: "ports: [{containerPort: 53, protocol: null}]" }, undefined],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: null}}, ports: [{containerPort: 80}]" },
    undefined,
  ],
  [
    "mesh-port-taken",
    {
      metadata: `annotations: {${EGRESS}: "a#127.0.0.2:9901#b:1", ${ADMIN}: "9901"}`,
      container: "ports: [{containerPort: 9901}]",
    },
    `${CONTAINER}.ports[0]`,
  ],
  ["mesh-bind-all", { metadata: MESHED, container: 'args: ["--listen=127.0.0.1:80"]' }, undefined],
  ["mesh-bind-loopback", { metadata: MESHED, container: 'args: ["--listen=0.0.0.0:80"]' }, undefined],
  [
    "sub-path",
    {
      spec: "volumes: [{name: data, emptyDir: {}}]",
      container: "volumeMounts: [{name: data, mountPath: /d, subPath: null}]",
    },
    undefined,
  ],
  ["memory-limit", { container: "resources: {requests: {memory: 64Mi}}" }, CONTAINER],
  ["memory-limit", { container: "resources: {limits: {memory: 64Mi}}" }, undefined],
  ["memory-limit", { container: "resources: {}", spec: "resources: {limits: {memory: 1Gi}}" }, undefined],
  ["memory-small", { container: "resources: {limits: {memory: 16383Ki}}" }, `${CONTAINER}.resources.limits.memory`],
  ["memory-small", { container: "resources: {limits: {memory: 16Mi}}" }, undefined],
  ["memory-small", { metadata: `annotations: {${MEMORY}: "255"}` }, `metadata.annotations["${MEMORY}"]`],
  ["memory-small", { metadata: `annotations: {${MEMORY}: "256"}` }, undefined],
  [
    "memory-request",
    { container: "resources: {limits: {memory: 64Mi}, requests: {memory: 65Mi}}" },
    `${CONTAINER}.resources.requests.memory`,
  ],
  ["memory-request", { container: "resources: {limits: {memory: 64Mi}, requests: {memory: 64Mi}}" }, undefined],
  ["cpu-limit", { container: "resources: {limits: {memory: 64Mi, cpu: 1001m}}" }, "spec.containers"],
  ["cpu-limit", { container: "resources: {limits: {memory: 64Mi, cpu: 1}}" }, undefined],
  ["cpu-limit", { spec: "resources: {limits: {cpu: 2}}" }, "spec.containers"],
  ["gpu-visible", { container: GPU }, CONTAINER],
  ["gpu-visible", { container: `${GPU}, env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}]` }, undefined],
  ["gpu-visible", {}, undefined],
  ["gpu-device", { container: GPU }, "metadata.annotations"],
  ["gpu-device", { container: GPU, metadata: 'annotations: {cdi.k8s.io/gpu: "nvidia.com/pgpu=0"}' }, undefined],
  ["gpu-memory", { container: GPU }, `metadata.annotations["${MEMORY}"]`],
  ["gpu-memory", { container: GPU, metadata: `annotations: {${MEMORY}: "8191"}` }, `metadata.annotations["${MEMORY}"]`],
  ["gpu-memory", { container: GPU, metadata: `annotations: {${MEMORY}: "8192"}` }, undefined],
  ...["0x4000", "16Gi", "1e5", "16384.5", ""].map((text): Case => [
    "gpu-memory",
    { container: GPU, metadata: `annotations: {${MEMORY}: "${text}"}` },
    `metadata.annotations["${MEMORY}"]`,
  ]),
  ["gpu-memory", { metadata: `annotations: {${MEMORY}: "16Gi"}` }, undefined],
  ["memory-small", { metadata: `annotations: {${MEMORY}: "16Gi"}` }, `metadata.annotations["${MEMORY}"]`],
  ["gpu-memory", { container: "resources: {limits: {memory: 64Mi, nvidia.com/a: 0}}" }, undefined],
  ["gpu-visible", { spec: `initContainers: [{name: i, image: "i${DIGEST}", ${GPU}}]` }, "spec.initContainers[0]"],
  ["gpu-device", cdi("nvidia.com/pgpu=0,nvidia.com/pgpu=1", 2), undefined],
  ["gpu-device", cdi("nvidia.com/pgpu=0", 2), CDI],
  ["gpu-device", cdi("nvidia.com/pgpu=0", 10_000), CDI],
  ["gpu-device", cdi("nvidia.com/pgpu=0,nvidia.com/pgpu=1"), CDI],
  ["gpu-device", cdi("nvidia.com/pgpu=0,nvidia.com/pgpu=0", 2), CDI],
  ["gpu-device", cdi("0"), CDI],
  ["gpu-device", cdi("nvidia.com/pgpu"), CDI],
  ["gpu-device", cdi("nvidia.com/pgpu=0, nvidia.com/pgpu=1", 2), CDI],
  [
    "gpu-device",
    {
      container: GPU,
      metadata: 'annotations: {cdi.k8s.io/a: "nvidia.com/pgpu=0", cdi.k8s.io/vfio10: "nvidia.com/gpu=0"}',
    },
    'metadata.annotations["cdi.k8s.io/vfio10"]',
  ],
  ["gpu-limit", { container: "resources: {limits: {memory: 64Mi, nvidia.com/a: 500m}}" }, limitOf("limits")],
  ["gpu-limit", { container: "resources: {limits: {memory: 64Mi, nvidia.com/a: -1}}" }, limitOf("limits")],
  ["gpu-limit", { container: "resources: {limits: {memory: 64Mi, nvidia.com/a: many}}" }, limitOf("limits")],
  ["gpu-limit", { container: "resources: {limits: {memory: 64Mi}, requests: {nvidia.com/a: 1}}" }, limitOf("requests")],
  [
    "gpu-limit",
    { container: "resources: {limits: {memory: 64Mi, nvidia.com/a: 2}, requests: {nvidia.com/a: 1}}" },
    limitOf("requests"),
  ],
  [
    "gpu-limit",
    { container: 'resources: {limits: {memory: 64Mi, nvidia.com/a: "2"}, requests: {nvidia.com/a: 2000m}}' },
    undefined,
  ],
  ["gpu-limit", { container: "resources: {limits: {memory: 64Mi, cpu: 500m, hugepages-2Mi: 64Mi}}" }, undefined],
  ["gpu-resource", { container: GPU }, undefined],
  ...["nvidia.com/gpu", "nvidia.com/mig-1g.5gb", "amd.com/gpu", "gpu.intel.com/i915", "smarter-devices/kvm"].map(
    (name): Case => [
      "gpu-resource",
      { container: `resources: {limits: {memory: 64Mi, ${name}: 1}}` },
      `${CONTAINER}.resources`,
    ],
  ),
  ["gpu-resource", { container: "resources: {limits: {memory: 64Mi, scheduling.kubernetes.io/x: 1}}" }, undefined],
  [
    "gpu-resource",
    { container: "resources: {limits: {memory: 64Mi}, claims: [{name: gpu}]}" },
    `${CONTAINER}.resources.claims`,
  ],
  ["gpu-unclaimed", { metadata: 'annotations: {cdi.k8s.io/gpu: "nvidia.com/pgpu=0"}' }, CDI],
  ["gpu-unclaimed", cdi("nvidia.com/pgpu=0"), undefined],
  ["gpu-exposed", besideGpu("[{name: NVIDIA_VISIBLE_DEVICES, value: all}]"), "spec.initContainers[0].env[0]"],
  ["gpu-exposed", besideGpu("[{name: NVIDIA_VISIBLE_DEVICES, value: void}]"), undefined],
  ["gpu-exposed", besideGpu("[{name: NVIDIA_VISIBLE_DEVICES}]"), undefined],
  ["gpu-exposed", { container: "env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}]" }, undefined],
  ["volume-host-path", mounted("hostPath: {path: /x}"), MOUNT],
  ["volume-host-path", mounted("hostPath: null"), undefined],
  ["volume-host-path", mounted("emptyDir: null, hostPath: {path: /x}"), MOUNT],
  ["volume-host-path", { spec: "volumes: [{name: data, hostPath: {path: /x}}]" }, undefined],
  ["volume-claim", mounted("persistentVolumeClaim: {claimName: x}"), MOUNT],
  [
    "volume-claim",
    {
      spec: "volumes: [{name: data, persistentVolumeClaim: {claimName: x}}]",
      container: "volumeDevices: [{name: data, devicePath: /dev/x}]",
    },
    undefined,
  ],
  ["volume-shared", mounted("nfs: {server: a, path: /}"), MOUNT],
  ["volume-shared", mounted("csi: {driver: a}"), MOUNT],
  ["volume-shared", mounted("azureFile: {secretName: a, shareName: b}"), MOUNT],
  ["volume-shared", mounted("emptyDir: {}"), undefined],
  ["volume-shared", mounted("ephemeral: {}"), undefined],
  ["volume-config", mounted("configMap: {name: x}"), MOUNT],
  ["volume-config", mounted("secret: {secretName: x}"), MOUNT],
  ["volume-config", mounted("projected: {sources: []}"), MOUNT],
  ["volume-config", mounted("downwardAPI: {}"), MOUNT],
  ["volume-config", mounted("emptyDir: {}"), undefined],
  ["volume-unsupported", mounted("iscsi: {iqn: a}"), MOUNT],
  ["volume-unsupported", mounted("ephemeral: {}"), undefined],
  [
    "sub-path",
    {
      spec: "volumes: [{name: data, emptyDir: {}}]",
      container: "volumeMounts: [{name: data, mountPath: /d, subPath: a}]",
    },
    `${CONTAINER}.volumeMounts[0].subPath`,
  ],
  [
    "sub-path",
    {
      spec: "volumes: [{name: data, emptyDir: {}}]",
      container: "volumeMounts: [{name: data, mountPath: /d, subPath: ''}]",
    },
    undefined,
  ],
  ["privileged", { container: "securityContext: {privileged: true}" }, `${CONTAINER}.securityContext.privileged`],
  ["privileged", { container: "securityContext: {privileged: false}" }, undefined],
  ["host-namespace", { spec: "hostNetwork: true" }, "spec.hostNetwork"],
  ["host-namespace", { spec: "hostPID: true" }, "spec.hostPID"],
  ["host-namespace", { spec: "hostIPC: true" }, "spec.hostIPC"],
  ["host-namespace", { spec: "hostNetwork: false, hostUsers: true" }, undefined],
  ["namespace-missing", { metadata: "namespace: ''" }, "metadata"],
  ["namespace-missing", {}, undefined],
  ["annotation-size", { container: `env: [{name: BIG, value: "${"x".repeat(150_000)}"}]` }, "metadata.annotations"],
  ["annotation-size", { container: `env: [{name: BIG, value: "${"x".repeat(90_000)}"}]` }, undefined],
  ["annotation-size", { metadata: `annotations: {a/b: "${"x".repeat(160_000)}"}` }, "metadata.annotations"],
  // The policy is there already, in either annotation, so that nothing has to be estimated.
  ...["agent.policy", "hypervisor.cc_init_data"].map((carrier): Case => {
    const metadata = `annotations: {io.katacontainers.config.${carrier}: "${"x".repeat(190_000)}"}`;
    return [
      "annotation-size",
      { metadata, container: `env: [{name: BIG, value: "${"x".repeat(150_000)}"}]` },
      undefined,
    ];
  }),
  ["annotation-not-text", { metadata: `annotations: {${ADMIN}: 9901}` }, `metadata.annotations["${ADMIN}"]`],
  ["annotation-not-text", { metadata: "annotations: {a: [1]}" }, "metadata.annotations.a"],
  ["annotation-not-text", { metadata: "annotations: {a: 'true', b: null}" }, undefined],
  ["mesh-syntax", { metadata: `annotations: {${INGRESS}: "web#8080"}` }, `metadata.annotations["${INGRESS}"]`],
  ["mesh-syntax", { metadata: `annotations: {${INGRESS}: "web#8080#true##"}` }, `metadata.annotations["${INGRESS}"]`],
  ["mesh-syntax", { metadata: `annotations: {${ADMIN}: "99x"}` }, `metadata.annotations["${ADMIN}"]`],
  ["mesh-syntax", { metadata: `annotations: {${INGRESS}: "web#8080#true"}` }, undefined],
  ["mesh-empty", { metadata: `annotations: {${EGRESS}: ""}` }, `metadata.annotations["${EGRESS}"]`],
  ["mesh-empty", { metadata: `annotations: {${INGRESS}: ""}` }, undefined],
  ["mesh-annotation-unknown", { metadata: `annotations: {${INGRESS}s: ""}` }, `metadata.annotations["${INGRESS}s"]`],
  ["mesh-annotation-unknown", { metadata: `annotations: {${INGRESS}: ""}` }, undefined],
  ...["contrast.edgeless.systems/service-mesh-ingress", "contrast.edgeless.system/servicemesh_ingress"].map(
    (key): Case => [
      "mesh-annotation-unknown",
      { metadata: `annotations: {${key}: ""}` },
      `metadata.annotations["${key}"]`,
    ],
  ),
  [
    "mesh-annotation-unknown",
    { metadata: 'annotations: {servicemesh-udp: ""}' },
    "metadata.annotations.servicemesh-udp",
  ],
  ["mesh-annotation-unknown", { metadata: 'annotations: {mesh.example/servicemesh-ingress: ""}' }, undefined],
  ["mesh-annotation-unknown", { metadata: "annotations: {service: web, contrast/service: web}" }, undefined],
  [
    "mesh-annotation-unused",
    { metadata: `annotations: {${INGRESS}: ""}`, spec: "runtimeClassName: runc" },
    `metadata.annotations["${INGRESS}"]`,
  ],
  ["mesh-annotation-unused", { metadata: `annotations: {${INGRESS}: ""}` }, undefined],
  ["mesh-option-unused", { metadata: `annotations: {${UDP}: refuse}` }, `metadata.annotations["${UDP}"]`],
  ["mesh-option-unused", { metadata: `annotations: {${UDP}: refuse, ${INGRESS}: ""}` }, undefined],
  ["mesh-option-unused", { metadata: `annotations: {${INGRESS}s: ""}` }, undefined],
  [
    "mesh-option-unused",
    { metadata: `annotations: {${UDP}: refuse}`, spec: "initContainers: [{name: contrast-service-mesh}]" },
    undefined,
  ],
  ["mesh-annotation-unknown", { metadata: `annotations: {${INGRESS}: "", ${UDP}: refuse}` }, undefined],
  ["mesh-syntax", { metadata: `annotations: {${INGRESS}: "", ${UDP}: maybe}` }, `metadata.annotations["${UDP}"]`],
  ["mesh-syntax", { metadata: `annotations: {${INGRESS}: "", ${UDP}: refuse}` }, undefined],
  [
    "mesh-protocol",
    {
      metadata: `annotations: {${INGRESS}: "", ${UDP}: refuse}`,
      container: "ports: [{containerPort: 53, protocol: UDP}]",
    },
    `${CONTAINER}.ports[0]`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 80}}" },
    `${CONTAINER}.livenessProbe.httpGet`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "readinessProbe: {grpc: {port: 80}}" },
    `${CONTAINER}.readinessProbe.grpc`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "startupProbe: {tcpSocket: {port: 80}}" },
    `${CONTAINER}.startupProbe.tcpSocket`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "lifecycle: {postStart: {httpGet: {port: 80}}}" },
    `${CONTAINER}.lifecycle.postStart.httpGet`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "lifecycle: {preStop: {httpGet: {port: 80}}}" },
    `${CONTAINER}.lifecycle.preStop.httpGet`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: http}}, ports: [{name: http, containerPort: 80}]" },
    `${CONTAINER}.livenessProbe.httpGet`,
  ],
  [
    "mesh-probe",
    {
      metadata: MESHED,
      container: "livenessProbe: {httpGet: {port: http}}, ports: [{name: http, containerPort: 8080}]",
    },
    undefined,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 81}}" },
    `${CONTAINER}.livenessProbe.httpGet`,
  ],
  ["mesh-probe", { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 8080}}" }, undefined],
  ["mesh-probe", { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 81, scheme: HTTPS}}" }, undefined],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 80, scheme: HTTPS}}" },
    `${CONTAINER}.livenessProbe.httpGet`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {grpc: {port: 81}}" },
    `${CONTAINER}.livenessProbe.grpc`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {tcpSocket: {port: 81}}" },
    `${CONTAINER}.livenessProbe.tcpSocket`,
  ],
  ["mesh-probe", { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 80, host: example.org}}" }, undefined],
  ["mesh-probe", { metadata: MESHED, container: "livenessProbe: {httpGet: {port: unknown}}" }, undefined],
  ["mesh-probe", { container: "livenessProbe: {httpGet: {port: 80}}" }, undefined],
  [
    "mesh-protocol",
    { metadata: MESHED, container: "ports: [{containerPort: 53, protocol: UDP}]" },
    `${CONTAINER}.ports[0]`,
  ],
  ["mesh-protocol", { metadata: MESHED, container: "ports: [{containerPort: 53, protocol: TCP}]" }, undefined],
  ["mesh-protocol", { container: "ports: [{containerPort: 53, protocol: UDP}]" }, undefined],
  ["mesh-port-taken", { metadata: MESHED, container: "ports: [{containerPort: 4001}]" }, `${CONTAINER}.ports[0]`],
  ["mesh-port-taken", { metadata: MESHED, container: "ports: [{containerPort: 9901}]" }, `${CONTAINER}.ports[0]`],
  [
    "mesh-port-taken",
    { metadata: MESHED, container: "ports: [{containerPort: 15006, protocol: TCP}]" },
    `${CONTAINER}.ports[0]`,
  ],
  ["mesh-port-taken", { metadata: MESHED, container: "ports: [{containerPort: 4002}]" }, undefined],
  ["mesh-port-taken", { metadata: MESHED, container: "ports: [{containerPort: 4001, protocol: UDP}]" }, undefined],
  ...["true", "false"].map((mode): Case => {
    const metadata = `annotations: {${INGRESS}: "a#9901#${mode}", ${ADMIN}: "9901"}`;
    return ["mesh-admin", { metadata }, `metadata.annotations["${ADMIN}"]`];
  }),
  ["mesh-admin", { metadata: MESHED }, `metadata.annotations["${ADMIN}"]`],
  ["mesh-admin", { metadata: `annotations: {${INGRESS}: "a#9901#true"}` }, undefined],
  [
    "mesh-admin",
    { spec: 'initContainers: [{name: contrast-service-mesh, env: [{name: CONTRAST_ADMIN_PORT, value: "9901"}]}]' },
    "spec",
  ],
  ["mesh-probe", { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 81, scheme: HTTPS}}" }, undefined],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 82, scheme: HTTPS}}" },
    `${CONTAINER}.livenessProbe.httpGet`,
  ],
  [
    "mesh-probe",
    { metadata: MESHED, container: "livenessProbe: {httpGet: {port: 81, scheme: HTTP}}" },
    `${CONTAINER}.livenessProbe.httpGet`,
  ],
  ["mesh-bind-all", { metadata: MESHED, container: 'args: ["--listen", "0.0.0.0:80"]' }, `${CONTAINER}.args[1]`],
  ["mesh-bind-all", { metadata: MESHED, container: 'args: ["--listen=:80"]' }, `${CONTAINER}.args[0]`],
  [
    "mesh-bind-all",
    { metadata: MESHED, container: 'command: [sh, -c, "server --bind http://[::]:4001"]' },
    `${CONTAINER}.command[2]`,
  ],
  [
    "mesh-bind-all",
    { metadata: MESHED, container: 'env: [{name: HOST, value: "0.0.0.0"}]' },
    `${CONTAINER}.env[0].value`,
  ],
  ["mesh-bind-all", { metadata: MESHED, container: 'args: ["--time=:80", "--listen=10.0.0.1:80", "*"]' }, undefined],
  ["mesh-bind-all", { container: 'args: ["--listen", "0.0.0.0:80"]' }, undefined],
  ["mesh-bind-loopback", { metadata: MESHED, container: 'args: ["--listen=127.0.0.1:80"]' }, `${CONTAINER}.args[0]`],
  ["mesh-bind-loopback", { metadata: MESHED, container: 'args: ["--db=127.0.0.2:4001"]' }, undefined],
  ["mesh-original-image", { metadata: MESHED }, "spec"],
  ["mesh-original-image", { metadata: MESHED, spec: "runtimeClassName: kata-cc-isolation" }, undefined],
  ["mesh-original-image", {}, undefined],
  [
    "mesh-original-image",
    {
      spec: `runtimeClassName: contrast-cc-k3s, initContainers: [{name: contrast-service-mesh, image: "mirror.example/edgelesssys/contrast/service-mesh-proxy:v1.4.1${DIGEST}"}]`,
    },
    "spec",
  ],
  [
    "mesh-original-image",
    { spec: `initContainers: [{name: contrast-service-mesh, image: "mirror.example/mesh:1${DIGEST}"}]` },
    undefined,
  ],
];

const finds = async (rule: string, parts: PodParts): Promise<readonly string[]> =>
  (await lintYaml(podYaml(parts), rule.startsWith("gpu") ? { platform: GPU_PLATFORM } : {})).filter((found) =>
    found.startsWith(`${rule} `),
  );

describe("lintObjects()", () => {
  test("has nothing to say about a pod in order", async () => {
    expect(await lintYaml(podYaml())).toEqual([]);
  });

  test.each(CASES)("%s looks at %j", async (rule, parts, path) => {
    expect(await finds(rule, parts)).toEqual(path === undefined ? [] : [`${rule} ${path}`]);
  });

  test("tells the original's sidecar once in a run, and not where another image replaces it", async () => {
    const pod = podYaml({ metadata: MESHED });
    const yaml = [pod, pod.replace("name: web", "name: api"), podYaml()].join("\n---\n");
    const told = async (options: Parameters<typeof lintYaml>[1] = {}): Promise<number> =>
      (await lintYaml(yaml, options)).filter((found) => found.startsWith("mesh-original-image ")).length;
    expect(await told()).toBe(1);
    expect(await told({ images: new Map([[SIDECAR_IMAGE, "mirror.example/mesh:1"]]) })).toBe(0);
  });

  test("has a case and a neighbour for every rule about a pod", () => {
    const others = [
      "gpu-platform",
      "gpu-replicas",
      "runtime-class-missing",
      "object-not-patched",
      "annotation-differs",
      "silence-invalid",
    ];
    const wanted = LINT_RULES.map(({ id }) => id)
      .filter((id) => !others.includes(id))
      .toSorted();
    const rulesWith = (isFound: boolean): string[] =>
      [...new Set(CASES.filter(([, , path]) => (path !== undefined) === isFound).map(([rule]) => rule))].toSorted();
    expect(rulesWith(true)).toEqual(wanted);
    expect(rulesWith(false)).toEqual(wanted);
  });
});
