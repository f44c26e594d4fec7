import type { VolumeMount } from "../../kubernetes/pod/container.ts";
import type { Volume } from "../../kubernetes/pod/volume.ts";
import type { JsonObject } from "../../lib/json.ts";
import { type ContainerModel, type PodModel, SHARED_DIRECTORY, sharedPath } from "./pod-model.ts";

/** A mount of a request. */
export type MountModel = {
  readonly destination: string;
  readonly source: string;
  readonly type_: string;
  readonly options: readonly string[];
};

/** Mounts and storages of one container, and the paths that the runtime copies files to. */
export interface MountsModel {
  readonly mounts: readonly MountModel[];
  readonly storages: readonly JsonObject[];
  readonly shared: readonly SharedFile[];
}

/** A path of the guest that the runtime copies files to. */
export interface SharedFile {
  readonly path: string;
  /** Name of a pod volume, or undefined for a single file of kubelet or containerd. */
  readonly volume: string | undefined;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * What kubelet, containerd and Kata make of a container's volumes.
 *
 * @see kubernetes `pkg/kubelet/kubelet_pods.go`; containerd `pkg/cri/opts`, `WithMounts`; Kata `virtcontainers`
 */
export function kataMounts(pod: PodModel, model: ContainerModel): MountsModel {
  const parts = [...systemMounts(pod, model), ...(model.isPause ? [] : workloadMounts(pod, model))];
  return {
    mounts: parts.flatMap((part) => part.mounts),
    storages: parts.flatMap((part) => part.storages),
    shared: parts.flatMap((part) => part.shared),
  };
}

function systemMounts(pod: PodModel, model: ContainerModel): readonly MountsModel[] {
  const { podSpec } = pod.view;
  const all = [...(podSpec.initContainers ?? []), ...podSpec.containers];
  const privileged = model.isPause
    ? all.some(({ securityContext }) => securityContext?.privileged === true)
    : model.container.securityContext?.privileged === true;
  const access = privileged ? "rw" : "ro";
  const kernel = (destination: string, type_: string, source: string, ...options: string[]): MountsModel =>
    plain({ destination, type_, source, options });
  return [
    kernel("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
    kernel("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
    kernel("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
    kernel("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
    kernel("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access),
    ...(model.isPause
      ? [
          guestShm(),
          plain(
            bind("/etc/resolv.conf", sharedPath(model, "/etc/resolv.conf"), [
              "rbind",
              "ro",
              "nosuid",
              "nodev",
              "noexec",
            ]),
            { path: sharedPath(model, "/etc/resolv.conf"), volume: undefined },
          ),
        ]
      : [kernel("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", access)]),
  ];
}

function workloadMounts(pod: PodModel, model: ContainerModel): readonly MountsModel[] {
  const { container, image } = model;
  const { podSpec, volumeClaimTemplates } = pod.view;
  const volumeMounts = container.volumeMounts ?? [];
  const taken = new Set(volumeMounts.map((mount) => absolute(mount.mountPath)));
  const root = container.securityContext?.readOnlyRootFilesystem === true ? "ro" : "rw";
  const claims = new Set(volumeClaimTemplates.map((claim) => claim.metadata?.name));
  const file = (destination: string, access: string): MountsModel[] =>
    taken.has(destination) ? [] : [sharedFile(model, destination, ["rbind", "rprivate", access], undefined)];
  const token = podSpec.automountServiceAccountToken === false ? [] : file(SERVICE_ACCOUNT, "ro");

  return [
    ...file("/etc/hosts", "rw"),
    ...file(container.terminationMessagePath || "/dev/termination-log", "rw"),
    ...file("/etc/hostname", root),
    ...file("/etc/resolv.conf", root),
    ...(taken.has("/dev/shm") ? [] : [guestShm()]),
    ...token,
    ...volumeMounts.map((mount, index) => {
      const volume = claims.has(mount.name) ? undefined : podSpec.volumes?.find(({ name }) => name === mount.name);
      return volumeMount(pod, model, mount, volume, index);
    }),
    ...(image.config.Volumes ?? [])
      .map((path) => path.replaceAll(/\/{2,}/g, "/"))
      .filter((path) => !taken.has(path))
      .map((path) => sharedFile(model, path, ["rbind", "rprivate", "rw"], path)),
  ];
}

function volumeMount(
  pod: PodModel,
  model: ContainerModel,
  mount: VolumeMount,
  volume: Volume | undefined,
  index: number,
): MountsModel {
  const remote = volume?.persistentVolumeClaim ?? volume?.azureFile ?? volume?.csi ?? volume?.nfs;
  const files = volume?.configMap ?? volume?.secret ?? volume?.projected ?? volume?.downwardAPI;
  const readOnly = mount.readOnly === true || remote?.readOnly === true || files !== undefined;
  const spread = { Bidirectional: "rshared", HostToContainer: "rslave", None: "rprivate" }[
    mount.mountPropagation ?? "None"
  ];
  const options = ["rbind", spread, readOnly ? "ro" : "rw"];
  const destination = absolute(mount.mountPath);
  if (volume?.emptyDir !== undefined && mount.subPathExpr === undefined) {
    return emptyDirMount(pod, volume, bind(destination, "", options), index);
  }
  const hostPath = volume?.hostPath?.path ?? "";
  if (/^\/(?:dev|sys)(?:\/|$)/.test(hostPath)) return plain(bind(destination, hostPath, options));
  return sharedFile(model, destination, options, mount.name);
}

function emptyDirMount(pod: PodModel, volume: Volume, mount: MountModel, index: number): MountsModel {
  const fsGroup = pod.view.podSpec.securityContext?.fsGroup ?? 0;
  const groupOption = fsGroup === 0 ? [] : [`fsgid=${fsGroup}`];
  const { name } = volume;
  if (volume.emptyDir?.medium === "Memory") {
    const path = `/run/kata-containers/sandbox/ephemeral/${name}`;
    const storage = storageOf("ephemeral", "tmpfs", "tmpfs", path, groupOption);
    return { mounts: [{ ...mount, source: path }], storages: [storage], shared: [] };
  }
  const type = pod.runtime.emptyDirType;
  if (type === "local") {
    const path = `${SHARED_DIRECTORY}/${pod.sandboxId}/${pod.runtime.isAks ? "" : "rootfs/"}local/${name}`;
    const storage = storageOf("local", "local", "local", path, ["mode=0777", ...groupOption]);
    return { mounts: [{ ...mount, type_: "local", source: path }], storages: [storage], shared: [] };
  }
  if (type === "shared-fs") {
    const source = `${SHARED_DIRECTORY}/sandbox-${pod.sandboxId.slice(0, 16)}-${name}`;
    return { mounts: [{ ...mount, source }], storages: [], shared: [] };
  }
  const address = `00/${index.toString(16).padStart(2, "0")}`;
  const path = `/run/kata-containers/sandbox/storage/${btoa(address)}`;
  const encrypted = type === "block-encrypted";
  const storage: JsonObject = {
    ...storageOf("blk", address, "ext4", path, encrypted ? [] : ["discard"]),
    driver_options: encrypted ? ["encryption_key=ephemeral", "create_filesystem"] : ["create_filesystem"],
    fs_group: fsGroup === 0 ? null : { group_id: fsGroup, group_change_policy: 0 },
    shared: true,
  };
  const options = mount.options.map((option) => (/^r(?:shared|slave)$/.test(option) ? "rprivate" : option));
  return { mounts: [{ ...mount, source: path, options }], storages: [storage], shared: [] };
}

/** A storage in its order of members. */
export function storageOf(
  driver: string,
  source: string,
  fstype: string,
  mount_point: string,
  options: readonly string[],
): JsonObject {
  return { driver, driver_options: [], source, fstype, options, mount_point, fs_group: null, shared: false };
}

function guestShm(): MountsModel {
  return plain(bind("/dev/shm", "/run/kata-containers/sandbox/shm", ["rbind"]));
}

function sharedFile(
  model: ContainerModel,
  destination: string,
  options: readonly string[],
  volume: string | undefined,
): MountsModel {
  const path = sharedPath(model, destination);
  return plain(bind(destination, path, options), { path, volume });
}

function plain(mount: MountModel, ...shared: readonly SharedFile[]): MountsModel {
  return { mounts: [mount], storages: [], shared };
}

function bind(destination: string, source: string, options: readonly string[]): MountModel {
  return { destination, source, type_: "bind", options };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
