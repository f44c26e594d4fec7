import { seededRandom } from "./mutations.ts";
import { IMAGE } from "./policy-input.ts";

/** Chooses among what the seed says. */
type Random = (below: number) => number;

const pick = <T>(random: Random, values: readonly T[]): T => values[random(values.length)]!;

/** Some of the values, in their order. */
const some = <T>(random: Random, values: readonly T[]): readonly T[] => values.filter(() => random(2) === 0);

const ENV = [
  "{name: MODE, value: production}",
  '{name: EMPTY, value: ""}',
  '{name: URL, value: "http://$(IP):80/?a=b&c=$(MODE)"}',
  "{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}",
  "{name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}",
  "{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}",
  "{name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}",
  "{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}",
  "{name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}",
  '{name: ODD, value: "a.b*c[d]+^e$ {f}|g\\\\h ü"}',
];

const SECURITY = [
  "runAsUser: 1000, runAsGroup: 1000",
  "readOnlyRootFilesystem: true",
  "allowPrivilegeEscalation: false",
  "capabilities: {drop: [ALL]}",
  "capabilities: {drop: [MKNOD], add: [NET_BIND_SERVICE, SYS_TIME]}",
];

/** Volumes of a pod by name, and what a container adds to mount each. */
const VOLUMES = {
  disk: "emptyDir: {}",
  memory: "emptyDir: {medium: Memory}",
  conf: "configMap: {name: conf}",
  token: "projected: {sources: [{serviceAccountToken: {path: token}}]}",
  claim: "persistentVolumeClaim: {claimName: c}",
  host: "hostPath: {path: /var/log}",
};

const POD_SETTINGS = [
  "securityContext: {fsGroup: 2000, supplementalGroups: [3000, 4000]}",
  "shareProcessNamespace: true",
  "enableServiceLinks: false",
  "automountServiceAccountToken: false",
  "hostNetwork: true",
  "hostname: fixed",
];

const COMMANDS = ['["/bin/sh", "-c", "exec $(MODE)"]', '["serve"]', "[]", '["a b", "", "-x=*.txt"]'];

function container(random: Random, name: string, volumes: readonly string[]): string {
  const mounts = some(random, volumes).map(
    (volume, index) => `{name: ${volume}, mountPath: /m${index}${random(3) === 0 ? ", readOnly: true" : ""}}`,
  );
  const parts = [
    `name: ${name}`,
    `image: "${IMAGE}"`,
    `env: [${some(random, ENV).join(", ")}]`,
    `securityContext: {${pick(random, SECURITY)}}`,
    `volumeMounts: [${mounts.join(", ")}]`,
    ...some(random, [
      `command: ${pick(random, COMMANDS)}`,
      `args: ${pick(random, COMMANDS)}`,
      "workingDir: /work",
      "tty: true, stdin: true",
      "livenessProbe: {exec: {command: [cat, /tmp/x]}}",
      "lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 1; exit']}}}",
    ]),
  ];
  return `{${parts.join(", ")}}`;
}

const CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: conf, namespace: prod}, data: {A: '1'}}";

/**
 * Workloads that mix what policies know; the same for the same seed.
 *
 * @returns YAML with one workload and what it refers to
 */
export function generatedPods(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => {
    const volumes = some(random, Object.keys(VOLUMES));
    const list = Object.entries(VOLUMES).filter(([name]) => volumes.includes(name));
    const names = ["main", "side", "third"].slice(0, 1 + random(3));
    const spec = [
      `containers: [${names.map((name) => container(random, name, volumes)).join(", ")}]`,
      `volumes: [${list.map(([name, source]) => `{name: ${name}, ${source}}`).join(", ")}]`,
      ...(random(4) === 0 ? [`initContainers: [${container(random, "prepare", volumes)}]`] : []),
      ...(random(2) === 0 ? [pick(random, POD_SETTINGS)] : []),
    ].join(", ");
    const metadata = `metadata: {name: pod-${number}${random(4) === 0 ? "" : ", namespace: prod"}}`;
    const isPod = random(2) === 0;
    const workload = isPod
      ? `{apiVersion: v1, kind: Pod, ${metadata}, spec: {${spec}}}`
      : `{apiVersion: apps/v1, kind: ${pick(random, ["Deployment", "StatefulSet", "DaemonSet"])}, ${metadata}, spec: {template: {spec: {${spec}}}}}`;
    return `${workload}\n---\n${CONFIG}\n`;
  });
}
