import type { ValueMap } from "../kubernetes/value.ts";
import type { Platform } from "../manifest/platforms.ts";
import { memoryRequest } from "./container-memory.ts";
import type { ContrastImage, ImageTable } from "./release-images.ts";

/** What a node installer is made of on one kind of host. */
export interface InstallerHost {
  readonly installer: ContrastImage;
  /** What goes on running on a node after its installation: the snapshotter of the runtime. */
  readonly containers: readonly ValueMap[];
  /** Directories of the host, besides its root. */
  readonly volumes: readonly ValueMap[];
}

/** Where K3s and RKE2 have their containerd, and where everybody else has it. */
const RANCHER = { state: "/var/lib/rancher/k3s/agent/containerd", socket: "/run/k3s/containerd/containerd.sock" };
const ORDINARY = { state: "/var/lib/containerd", socket: "/run/containerd/containerd.sock" };

const HOST_MOUNT = { name: "host-mount", mountPath: "/host" };
const CONTAINERD_MOUNT = { name: "var-lib-containerd", mountPath: "/var/lib/containerd" };

/**
 * The snapshotters of a platform's node installer: that of Microsoft's runtime on AKS, Nydus elsewhere.
 *
 * @see edgelesssys/contrast release asset `runtime-<platform>.yml`
 */
export function installerHost(platform: Platform, runtimeHandler: string, images: ImageTable): InstallerHost {
  return platform.profile === "aks" ? aksHost(runtimeHandler, images) : kataHost(platform, runtimeHandler, images);
}

function aksHost(runtimeHandler: string, images: ImageTable): InstallerHost {
  const state = `/var/lib/containerd/io.containerd.snapshotter.v1.tardev-${runtimeHandler}`;
  return {
    installer: "node-installer-microsoft",
    containers: [
      {
        name: "tardev-snapshotter",
        image: images("tardev-snapshotter"),
        args: [
          "tardev-snapshotter",
          state,
          `/host/run/containerd/tardev-snapshotter-${runtimeHandler}.sock`,
          "/host/var/run/containerd/containerd.sock",
        ],
        env: [{ name: "RUST_LOG", value: "tardev_snapshotter=trace" }],
        resources: memoryRequest(800),
        volumeMounts: [HOST_MOUNT, CONTAINERD_MOUNT],
      },
    ],
    volumes: [{ name: "var-lib-containerd", hostPath: { path: ORDINARY.state, type: "Directory" } }],
  };
}

function kataHost({ name }: Platform, runtimeHandler: string, images: ImageTable): InstallerHost {
  const containerd = name.startsWith("metal-") ? ORDINARY : RANCHER;
  const state = `/var/lib/nydus-snapshotter/${runtimeHandler}`;
  return {
    installer: "node-installer-kata",
    containers: [
      {
        name: "nydus-snapshotter",
        image: images("nydus-snapshotter"),
        args: [
          "containerd-nydus-grpc",
          `--root=${state}`,
          "--config=/share/nydus-snapshotter/config-coco-guest-pulling.toml",
          `--address=/host/run/containerd/containerd-nydus-grpc-${runtimeHandler}.sock`,
          "--log-to-stdout",
          `--nydus-overlayfs-path=/opt/edgeless/${runtimeHandler}/bin/nydus-overlayfs`,
        ],
        resources: memoryRequest(800),
        volumeMounts: [HOST_MOUNT, CONTAINERD_MOUNT, { name: "var-lib-nydus-snapshotter", mountPath: state }],
      },
      {
        name: "nydus-pull",
        image: images("nydus-pull"),
        args: [runtimeHandler],
        env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        volumeMounts: [{ name: "containerd-socket", mountPath: ORDINARY.socket }],
      },
    ],
    volumes: [
      { name: "var-lib-containerd", hostPath: { path: containerd.state, type: "Directory" } },
      { name: "containerd-socket", hostPath: { path: containerd.socket, type: "Socket" } },
      { name: "var-lib-nydus-snapshotter", hostPath: { path: state, type: "DirectoryOrCreate" } },
    ],
  };
}
