import { IMAGE, podYaml } from "./policy-input.ts";

const PROBE = "livenessProbe: {exec: {command: [cat, /tmp/x]}}";

/** Objects that together use every feature that policies know; by name of the feature. */
export const FEATURES: Readonly<Record<string, string>> = {
  plain: podYaml(),
  "no namespace": podYaml().replace("namespace: prod, ", ""),
  generateName: podYaml().replace("name: web,", "generateName: web-,"),
  identity: podYaml(
    "securityContext: {runAsUser: 100}",
    "securityContext: {fsGroup: 2000, supplementalGroups: [3000], runAsGroup: 7}",
  ),
  privileges: podYaml(
    `tty: true, ${PROBE}, securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [all], add: [NET_BIND_SERVICE, CAP_CHOWN]}}`,
  ),
  privileged: podYaml("securityContext: {privileged: true}"),
  "pod switches": podYaml(
    "workingDir: /work, terminationMessagePath: /tmp/my.log",
    "shareProcessNamespace: true, hostNetwork: true, enableServiceLinks: false, automountServiceAccountToken: false, securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}]}",
  ),
  environment: `${podYaml(
    `args: ["$(URL)", "$$(X)", "$(NAME)-$(IPS)"], ${PROBE}, envFrom: [{prefix: C_, configMapRef: {name: conf}}, {secretRef: {name: sec}}], env: [
      {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}},
      {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}, {name: HOSTS, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}},
      {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}},
      {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}},
      {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}, {name: URL, value: "http://$(IP):80/$(UID)?node=$(NODE)&a=$(C_A)"},
      {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}, {name: LANG, value: de},
      {name: ADDED, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['x/added']"}}}]`,
  )}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: prod}, data: {A: "1"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: sec, namespace: prod}, stringData: {USER: admin}}
`,
  "API server": podYaml(
    'args: ["--api=https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)/", "$(KUBERNETES_PORT)", "$(API)"], env: [{name: API, value: "$(KUBERNETES_PORT_443_TCP)"}]',
  ),
  emptyDirs: podYaml(
    "volumeMounts: [{name: disk, mountPath: /a}, {name: disk, mountPath: /b, readOnly: true}, {name: memory, mountPath: /c}, {name: memory, mountPath: /dev/shm}, {name: disk, mountPath: /d, subPathExpr: x}]",
    "volumes: [{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}], securityContext: {fsGroup: 5}",
  ),
  volumes: `${podYaml(
    `${PROBE}, volumeDevices: [{name: block, devicePath: /dev/xvda}], volumeMounts: [{name: conf, mountPath: /etc/conf.d}, {name: sec, mountPath: /sec}, {name: all, mountPath: /all},
      {name: fields, mountPath: /fields}, {name: claim, mountPath: /claim/, readOnly: true}, {name: host, mountPath: /host, mountPropagation: HostToContainer},
      {name: dev, mountPath: /dev/fuse}, {name: own, mountPath: /own}, {name: csi, mountPath: /csi}, {name: disk, mountPath: /disk}]`,
    `initContainers: [{name: prepare, image: "${IMAGE}", command: [sh, -c, "true"]}, {name: side, image: "${IMAGE}", restartPolicy: Always, startupProbe: {exec: {command: [ready]}}}],
     volumes: [{name: conf, configMap: {name: conf}}, {name: sec, secret: {secretName: sec}}, {name: disk, emptyDir: {}},
      {name: all, projected: {sources: [{serviceAccountToken: {path: token}}, {configMap: {name: conf, items: [{key: A, path: sub/a}]}}, {downwardAPI: {items: [{path: uid, fieldRef: {fieldPath: metadata.uid}}]}}]}},
      {name: fields, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}, {name: claim, persistentVolumeClaim: {claimName: c}},
      {name: block, persistentVolumeClaim: {claimName: d}}, {name: host, hostPath: {path: /var/log}}, {name: dev, hostPath: {path: /dev/fuse}},
      {name: own, ephemeral: {volumeClaimTemplate: {spec: {}}}}, {name: csi, csi: {driver: d, readOnly: true}}]`,
  )}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: prod}, data: {A: "1", app.conf: x}}
`,
  "spreading mounts": podYaml(
    "securityContext: {privileged: true}, volumeMounts: [{name: host, mountPath: /host, mountPropagation: Bidirectional}]",
    "volumes: [{name: host, hostPath: {path: /var/lib}}]",
  ),
  GPU: podYaml("resources: {limits: {nvidia.com/pgpu: 2}}"),
  "annotations of the runtime": podYaml().replace(
    "team: blue",
    'io.katacontainers.config.hypervisor.default_memory: "512", cdi.k8s.io/gpu: "nvidia.com/pgpu=0", io.katacontainers.config.agent.policy: old',
  ),
  Deployment: workload("apps/v1", "Deployment"),
  ReplicaSet: workload("apps/v1", "ReplicaSet"),
  DaemonSet: workload("apps/v1", "DaemonSet"),
  ReplicationController: workload("v1", "ReplicationController"),
  StatefulSet: workload(
    "apps/v1",
    "StatefulSet",
    ", volumeClaimTemplates: [{metadata: {name: data}}]",
    "volumeMounts: [{name: data, mountPath: /data}]",
  ),
  Job: workload("batch/v1", "Job", ", completionMode: Indexed"),
  CronJob: `{apiVersion: batch/v1, kind: CronJob, metadata: {name: web, namespace: prod}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: main, image: "${IMAGE}"}]}}}}}}`,
  "several GPUs": podYaml(
    "env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}], resources: {limits: {nvidia.com/GH100_H100_PCIE: 2}}",
    `initContainers: [{name: warm, image: "${IMAGE}", resources: {limits: {nvidia.com/GH100_H100_PCIE: "1"}}}, {name: side, image: "${IMAGE}", restartPolicy: Always}]`,
  ).replace(
    "team: blue",
    'cdi.k8s.io/gpu: "nvidia.com/pgpu=0,nvidia.com/pgpu=1", io.katacontainers.config.hypervisor.default_memory: "16384"',
  ),
};

function workload(apiVersion: string, kind: string, spec = "", container = ""): string {
  const main = `{name: main, image: "${IMAGE}"${container === "" ? "" : `, ${container}`}}`;
  return `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: web.front, namespace: prod}, spec: {template: {spec: {containers: [${main}]}}${spec}}}`;
}
