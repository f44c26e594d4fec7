import { describe, expect, test } from "bun:test";
import type { Value } from "../../src/kubernetes/value.ts";
import { parsePlatform, PLATFORMS } from "../../src/manifest/platforms.ts";
import { runtimeHandlerName } from "../../src/manifest/runtime-handler.ts";
import { runtimeResources } from "../../src/resources/node-installer.ts";
import { createImageTable } from "../../src/resources/release-images.ts";
import { leavesOf, textAt } from "../fakes/leaves.ts";
import { PLATFORM_COLUMNS, type PlatformColumn } from "./platform-columns.ts";

const IMAGES = "ghcr.io/edgelesssys/contrast";

function objectsOf(platform: string, nodeSelector: Readonly<Record<string, string>> = {}) {
  const known = parsePlatform(platform);
  return runtimeResources({
    platform: known,
    runtimeHandler: runtimeHandlerName(known, "0a1b2c3d"),
    namespace: "kube-system",
    nodeSelector,
    images: createImageTable(),
  });
}

type Fields = Readonly<Record<string, Value>>;

function runtimeClassFields({ platform, overhead }: PlatformColumn): Fields {
  const handler = `contrast-cc-${platform}-0a1b2c3d`;
  return {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    "metadata.name": handler,
    "metadata.labels[addonmanager.kubernetes.io/mode]": "Reconcile",
    handler,
    "overhead.podFixed.memory": overhead,
    ...(platform === "aks-clh-snp"
      ? { "scheduling.nodeSelector[kubernetes.azure.com/kata-cc-isolation]": "true" }
      : {}),
  };
}

function daemonSetFields(column: PlatformColumn): Fields {
  const handler = `contrast-cc-${column.platform}-0a1b2c3d`;
  const name = `${handler}-nodeinstaller`;
  return under("", {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    "metadata.name": name,
    "metadata.namespace": "kube-system",
    "metadata.labels[app.kubernetes.io/name]": name,
    "spec.selector.matchLabels[app.kubernetes.io/name]": name,
    ...under("spec.template.", {
      "metadata.labels[app.kubernetes.io/name]": name,
      "metadata.annotations[contrast.edgeless.systems/pod-role]": "contrast-node-installer",
      "metadata.annotations[contrast.edgeless.systems/platform]": column.display,
      "spec.serviceAccountName": name,
      "spec.hostPID": true,
      ...under("spec.initContainers[0].", {
        name: "installer",
        image: `${IMAGES}/node-installer-${column.platform === "aks-clh-snp" ? "microsoft" : "kata"}:v1.4.1`,
        "command[0]": "/bin/node-installer",
        "command[1]": column.platform,
        "resources.requests.memory": "700Mi",
        "securityContext.privileged": true,
        "volumeMounts[0].name": "host-mount",
        "volumeMounts[0].mountPath": "/host",
      }),
      ...under("spec.", column.platform === "aks-clh-snp" ? aksFields(handler) : kataFields(column, handler)),
      ...volume(0, "host-mount", "/", "Directory"),
    }),
  });
}

function aksFields(handler: string): Fields {
  return {
    ...under("containers[0].", {
      name: "tardev-snapshotter",
      image: `${IMAGES}/tardev-snapshotter:v1.4.1`,
      "args[0]": "tardev-snapshotter",
      "args[1]": `/var/lib/containerd/io.containerd.snapshotter.v1.tardev-${handler}`,
      "args[2]": `/host/run/containerd/tardev-snapshotter-${handler}.sock`,
      "args[3]": "/host/var/run/containerd/containerd.sock",
      "env[0].name": "RUST_LOG",
      "env[0].value": "tardev_snapshotter=trace",
      "resources.requests.memory": "800Mi",
      "volumeMounts[0].name": "host-mount",
      "volumeMounts[0].mountPath": "/host",
      "volumeMounts[1].name": "var-lib-containerd",
      "volumeMounts[1].mountPath": "/var/lib/containerd",
    }),
    "volumes[1].name": "var-lib-containerd",
    "volumes[1].hostPath.path": "/var/lib/containerd",
    "volumes[1].hostPath.type": "Directory",
  };
}

function kataFields({ containerd, socket }: PlatformColumn, handler: string): Fields {
  return {
    ...under("containers[0].", {
      name: "nydus-snapshotter",
      image: `${IMAGES}/nydus-snapshotter:v1.4.1`,
      "args[0]": "containerd-nydus-grpc",
      "args[1]": `--root=/var/lib/nydus-snapshotter/${handler}`,
      "args[2]": "--config=/share/nydus-snapshotter/config-coco-guest-pulling.toml",
      "args[3]": `--address=/host/run/containerd/containerd-nydus-grpc-${handler}.sock`,
      "args[4]": "--log-to-stdout",
      "args[5]": `--nydus-overlayfs-path=/opt/edgeless/${handler}/bin/nydus-overlayfs`,
      "resources.requests.memory": "800Mi",
      "volumeMounts[0].name": "host-mount",
      "volumeMounts[0].mountPath": "/host",
      "volumeMounts[1].name": "var-lib-containerd",
      "volumeMounts[1].mountPath": "/var/lib/containerd",
      "volumeMounts[2].name": "var-lib-nydus-snapshotter",
      "volumeMounts[2].mountPath": `/var/lib/nydus-snapshotter/${handler}`,
    }),
    ...under("containers[1].", {
      name: "nydus-pull",
      image: `${IMAGES}/nydus-pull:v1.4.1`,
      "args[0]": handler,
      "env[0].name": "NODE_NAME",
      "env[0].valueFrom.fieldRef.fieldPath": "spec.nodeName",
      "volumeMounts[0].name": "containerd-socket",
      "volumeMounts[0].mountPath": "/run/containerd/containerd.sock",
    }),
    ...under("", Object.assign({}, ...kataVolumes(containerd, socket, handler))),
  };
}

function kataVolumes(containerd: string, socket: string, handler: string): readonly Fields[] {
  const rows = [
    ["var-lib-containerd", containerd, "Directory"],
    ["containerd-socket", socket, "Socket"],
    ["var-lib-nydus-snapshotter", `/var/lib/nydus-snapshotter/${handler}`, "DirectoryOrCreate"],
  ] as const;
  return rows.map(([name, path, type], index) => ({
    [`volumes[${index + 1}].name`]: name,
    [`volumes[${index + 1}].hostPath.path`]: path,
    [`volumes[${index + 1}].hostPath.type`]: type,
  }));
}

function volume(index: number, name: string, path: string, type: string): Fields {
  const at = `spec.volumes[${index}]`;
  return { [`${at}.name`]: name, [`${at}.hostPath.path`]: path, [`${at}.hostPath.type`]: type };
}

function under(prefix: string, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([path, value]) => [prefix + path, value]));
}

describe("runtimeResources()", () => {
  test("has a row of the tables for every platform", () => {
    expect(PLATFORM_COLUMNS.map(({ platform }) => platform)).toEqual(PLATFORMS.map(({ name }) => name));
  });

  describe.each(PLATFORM_COLUMNS)("for $platform", (column) => {
    const name = `contrast-cc-${column.platform}-0a1b2c3d-nodeinstaller`;
    const objects = objectsOf(column.platform);

    test("makes the RuntimeClass of the table and nothing else of it", () => {
      expect(leavesOf(objects[0] ?? null)).toEqual(runtimeClassFields(column));
    });

    test("lets the ServiceAccount watch pods", () => {
      expect(objects.slice(1, 4).map((object) => leavesOf(object))).toEqual([
        { apiVersion: "v1", kind: "ServiceAccount", "metadata.name": name, "metadata.namespace": "kube-system" },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRole",
          "metadata.name": name,
          "rules[0].apiGroups[0]": "",
          "rules[0].resources[0]": "pods",
          "rules[0].verbs[0]": "watch",
        },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRoleBinding",
          "metadata.name": name,
          "roleRef.apiGroup": "rbac.authorization.k8s.io",
          "roleRef.kind": "ClusterRole",
          "roleRef.name": name,
          "subjects[0].kind": "ServiceAccount",
          "subjects[0].name": name,
          "subjects[0].namespace": "kube-system",
        },
      ]);
    });

    test("makes the DaemonSet of the table and nothing else of it", () => {
      expect(leavesOf(objects[4] ?? null)).toEqual(daemonSetFields(column));
      expect(objects).toHaveLength(5);
    });

    test("makes names that fit into labels", () => {
      expect(textAt(objects[4], "metadata", "labels", "app.kubernetes.io/name").length).toBeLessThanOrEqual(63);
    });
  });

  test("installs on the nodes that are named, and lets pods run only there", () => {
    const [runtime, , , , daemonSet] = objectsOf("metal-qemu-tdx", { "example.com/tee": "tdx" });
    expect(leavesOf(runtime ?? null)).toMatchObject({ "scheduling.nodeSelector[example.com/tee]": "tdx" });
    expect(leavesOf(daemonSet ?? null)).toMatchObject({ "spec.template.spec.nodeSelector[example.com/tee]": "tdx" });
  });

  test("keeps the label that AKS asks for beside those that are named", () => {
    const [runtime] = objectsOf("aks-clh-snp", { pool: "cc" });
    expect(leavesOf(runtime ?? null)).toMatchObject({
      "scheduling.nodeSelector.pool": "cc",
      "scheduling.nodeSelector[kubernetes.azure.com/kata-cc-isolation]": "true",
    });
  });
});
