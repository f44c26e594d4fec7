import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { completeRequest } from "../complete-request.ts";
import { containerdProcess, type ProcessModel } from "./containerd-process.ts";
import { annotationsOf, imageName } from "./container-annotations.ts";
import { gpuCount } from "./gpu-model.ts";
import { layerStorages } from "./layer-storages.ts";
import { kataMounts, type MountModel, storageOf } from "./kata-mounts.ts";
import { type ContainerModel, type PodModel, rootPath, uuidOf } from "./pod-model.ts";

/** Paths that containerd hides from or makes read-only for containers that are not privileged. */
const MASKED =
  "/proc/asound /proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug /proc/scsi /sys/firmware /sys/devices/virtual/powercap";
const READONLY = "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger";

/** Request that begins the life of a sandbox. */
export function createSandboxRequest(pod: PodModel): JsonObject {
  const options = ["noexec", "nosuid", "nodev", "mode=1777", "size=67108864"];
  return complete("CreateSandboxRequest", {
    hostname: pod.hostname,
    sandbox_id: pod.sandboxId,
    storages: [storageOf("ephemeral", "shm", "tmpfs", "/run/kata-containers/sandbox/shm", options)],
  });
}

/** The parts of a container's request that mutations work on. */
export interface ContainerParts {
  readonly process: ProcessModel;
  readonly mounts: readonly MountModel[];
  readonly storages: readonly JsonObject[];
  readonly rootPath: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What kubelet, containerd and Kata make of a container. */
export function containerParts(pod: PodModel, model: ContainerModel): ContainerParts {
  const { mounts, storages } = kataMounts(pod, model);
  return {
    process: containerdProcess(pod, model),
    mounts,
    storages: [...imageStorages(pod, model), ...storages],
    rootPath: rootPath(pod, model),
    annotations: annotationsOf(pod, model),
  };
}

/** Request that creates one container, as the Kata runtime sends it to the agent. */
export function createContainerRequest(pod: PodModel, model: ContainerModel, parts: ContainerParts): JsonObject {
  const { container, id, isPause } = model;
  return complete("CreateContainerRequest", {
    container_id: id,
    exec_id: id,
    sandbox_pidns: !isPause && pod.view.podSpec.shareProcessNamespace === true,
    storages: parts.storages,
    devices: [...blockDevices(model), ...gpuDevices(pod, model)],
    OCI: {
      Version: pod.runtime.ociVersion,
      Process: parts.process,
      Root: { Path: parts.rootPath, Readonly: isPause || container.securityContext?.readOnlyRootFilesystem === true },
      Hostname: isPause ? pod.hostname : "",
      Mounts: parts.mounts,
      Annotations: parts.annotations,
      Linux: linuxOf(pod, model, parts),
    },
  });
}

/** Request that runs a command of a probe or hook inside a container. */
export function execProcessRequest(id: string, process: ProcessModel, command: readonly string[]): JsonObject {
  return complete("ExecProcessRequest", {
    container_id: id,
    exec_id: uuidOf(`${id} ${command.join(" ")}`),
    process: { ...process, Args: command, Terminal: false, ApparmorProfile: "", Capabilities: null },
  });
}

/** A request with every member that the agent would show to the policy. */
export function complete(kind: string, request: JsonObject): JsonObject {
  const completed = completeRequest(kind, request);
  return isJsonObject(completed) ? completed : {};
}

/** The guest gets the layers, or pulls the image itself; then the runtime tells it which, and all annotations. */
function imageStorages(pod: PodModel, model: ContainerModel): readonly JsonObject[] {
  if (pod.runtime.isAks) return layerStorages(model, rootPath(pod, model));
  if (pod.runtime.emptyDirType === "shared-fs") return [];
  const annotations = annotationsOf(pod, model);
  const metadata = { "containerd.io/snapshot/cri.image-ref": imageName(model), ...annotations };
  const source = model.isPause ? "pause" : imageName(model);
  const storage = storageOf("image_guest_pull", source, "overlay", rootPath(pod, model), []);
  return [{ ...storage, driver_options: [`image_guest_pull=${JSON.stringify({ metadata })}`] }];
}

function linuxOf(pod: PodModel, model: ContainerModel, parts: ContainerParts): JsonObject {
  const { podSpec } = pod.view;
  const privileged = model.container.securityContext?.privileged === true;
  const sysctls = (podSpec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value] as const);
  const { isContrast, isAks } = pod.runtime;
  const network = isContrast || isAks ? [] : [{ Type: "network", Path: `/var/run/netns/cni-${uuidOf(pod.sandboxId)}` }];
  const spreads = parts.mounts.flatMap((mount) => mount.options);
  const uts = model.isPause && podSpec.hostNetwork === true ? [] : [{ Type: "uts", Path: "" }];
  return {
    Namespaces: [{ Type: "ipc", Path: "" }, ...uts, { Type: "mount", Path: "" }, ...network],
    MaskedPaths: privileged ? [] : MASKED.split(" "),
    ReadonlyPaths: privileged ? [] : READONLY.split(" "),
    Devices: (model.container.volumeDevices ?? []).map(({ devicePath }) => ({
      Path: devicePath,
      Type: "b",
      Major: 254,
      Minor: 16,
      FileMode: 432,
    })),
    Resources: { CPU: { Shares: 2, Period: 100_000 }, Memory: {} },
    RootfsPropagation: ["rshared", "rslave"].find((option) => spreads.includes(option)) ?? "",
    Sysctl: model.isPause ? Object.fromEntries([...(isAks ? [] : POD_SYSCTLS), ...sysctls]) : {},
    CgroupsPath: `kubepods-burstable-pod${pod.uid.replaceAll("-", "_")}.slice:cri-containerd:${model.id}`,
  };
}

/** What containerd sets so that pods need no capability for low ports and ping. */
const POD_SYSCTLS = [
  ["net.ipv4.ip_unprivileged_port_start", "0"],
  ["net.ipv4.ping_group_range", "0 2147483647"],
] as const;

function blockDevices({ container }: ContainerModel): readonly Json[] {
  return (container.volumeDevices ?? []).map(({ devicePath }) => ({
    id: "01/02",
    type_: "blk",
    vm_path: "",
    container_path: devicePath,
    options: [],
  }));
}

function gpuDevices(pod: PodModel, model: ContainerModel): readonly Json[] {
  // On Contrast 1.4 a hook inside the guest makes the device nodes.
  return Array.from({ length: pod.runtime.isContrast ? 0 : gpuCount(pod, model.container) }, (_, index) => ({
    id: `vfio${index}`,
    type_: "vfio-pci-gk",
    vm_path: "",
    container_path: `${pod.runtime.devicePrefix}${index}`,
    options: [`0000:6${index}:00.0=0${index}/00`],
  }));
}
