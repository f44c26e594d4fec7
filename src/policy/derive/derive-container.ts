import { deepFreeze } from "../../lib/deep-freeze.ts";
import { deriveAnnotations, sortedMap } from "./annotations.ts";
import { deriveBaseMounts } from "./base-mounts.ts";
import { deriveProcess } from "./container-process.ts";
import type { ContainerSource } from "./container-source.ts";
import { deriveVolumes } from "./container-volumes.ts";
import { deriveDevices, gpuCount, podGpuCount } from "./devices.ts";
import { deriveExecCommands } from "./exec-commands.ts";
import { deriveImageStorages } from "./image-layers.ts";
import type { PodContext } from "./pod-context.ts";
import type { ContainerPolicy, PolicyLinux, SortedMap } from "../policy-data.ts";

/** Paths that containerd hides from containers. */
export const MASKED_PATHS = deepFreeze([
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
]);
/** Paths that containerd makes read-only. */
export const READONLY_PATHS = deepFreeze([
  "/proc/asound",
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
]);

const IPC = { Type: "ipc", Path: "" };
const UTS = { Type: "uts", Path: "" };
const MOUNT = { Type: "mount", Path: "" };
const NAMESPACES = deepFreeze([IPC, UTS, MOUNT]);
const HOST_NETWORK_NAMESPACES = deepFreeze([IPC, MOUNT]);

/** Annotations that newer runtimes add to every container. */
const TERMINATION_PATTERNS: readonly (readonly [string, string])[] = [
  ["^io\\.kubernetes\\.container\\.terminationMessagePath$", "^/.*$"],
  ["^io\\.kubernetes\\.container\\.terminationMessagePolicy$", "^(File|FallbackToLogsOnError)$"],
];

/**
 * Derives what one container may look like.
 *
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`, `ContainerPolicy`
 */
export async function deriveContainer(context: PodContext, source: ContainerSource): Promise<ContainerPolicy> {
  const { container, path, isPause } = source;
  const { settings, view } = context;
  const template = isPause ? settings.pause_container : settings.other_container;
  const security = container.securityContext ?? {};
  const hostNetwork = view.podSpec.hostNetwork === true;
  const readOnlyRoot = security.readOnlyRootFilesystem === true;
  const privileged = isPause ? anyPrivileged(context) : security.privileged === true;
  const image = container.image ?? "";

  const mounts = deriveBaseMounts({
    isPause,
    privileged,
    readOnlyRoot,
    template,
    keptDestinations: settings.mount_destinations,
    volumeMountPaths: (container.volumeMounts ?? []).map((mount) => mount.mountPath),
    terminationMessagePath: container.terminationMessagePath || undefined,
  });
  const volumes = deriveVolumes(context, source, mounts);
  // Before the process, which may need the accounts of the image: they come out of the same pass over its layers.
  const imageStorages = await deriveImageStorages(context, source, template.Root.Path);
  const annotations = deriveAnnotations({
    isPause,
    hostNetwork,
    pod: context.annotations,
    template: template.Annotations,
    sandboxName: context.sandboxName,
    namespace: context.namespace,
    containerName: container.name,
    image,
  });
  const { vfio } = settings.devices;
  const gpus = gpusOf(context, source);
  for (const [index, { devicePath }] of (container.volumeDevices ?? []).entries()) {
    if (!isReserved(devicePath, vfio.device_path)) continue;
    const message = `device path "${devicePath}" is reserved for passed-through devices`;
    context.error({ code: "policy/field-unsupported", path: [...path, "volumeDevices", index, "devicePath"], message });
  }

  return {
    OCI: {
      Version: settings.kata_config.oci_version,
      Process: await deriveProcess(context, source),
      Root: { Path: template.Root.Path, Readonly: readOnlyRoot },
      ...(volumes.mounts.length === 0 ? {} : { Mounts: volumes.mounts }),
      ...(annotations.size === 0 ? {} : { Annotations: annotations }),
      Linux: deriveLinux(context, source),
    },
    storages: imageStorages.length === 0 ? volumes.storages : [...imageStorages, ...volumes.storages],
    devices: deriveDevices(container, gpus, settings),
    sandbox_pidns: !isPause && view.podSpec.shareProcessNamespace === true,
    exec_commands: deriveExecCommands(container),
    ...(settings.common.image_verification === "none" ? {} : { image }),
    runtime_anno_patterns: runtimePatterns(context, isPause, gpus),
    ...(vfio.cold_plug && gpus > 0 ? { gpus } : {}),
  };
}

function anyPrivileged({ view }: PodContext): boolean {
  const { initContainers = [], containers } = view.podSpec;
  return [...initContainers, ...containers].some((container) => container.securityContext?.privileged === true);
}

function deriveLinux(context: PodContext, { container, isPause }: ContainerSource): PolicyLinux {
  const { settings, view } = context;
  const template = (isPause ? settings.pause_container : settings.other_container).Linux;
  const privileged = container.securityContext?.privileged === true;
  const pathsOr = (fixed: readonly string[], usual: readonly string[]): readonly string[] =>
    fixed.length > 0 ? fixed : privileged ? [] : usual;
  const sysctls = sortedMap(
    new Map([
      ...Object.entries(template.Sysctl),
      ...(view.podSpec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value] as const),
    ]),
  );
  return {
    Namespaces: isPause && view.podSpec.hostNetwork === true ? HOST_NETWORK_NAMESPACES : NAMESPACES,
    MaskedPaths: pathsOr(template.MaskedPaths, MASKED_PATHS),
    ReadonlyPaths: pathsOr(template.ReadonlyPaths, READONLY_PATHS),
    Devices: [
      ...(container.volumeDevices ?? []).map(({ devicePath }) => ({ Type: "", Path: devicePath })),
      ...template.Devices,
    ],
    ...(sysctls.size === 0 ? {} : { Sysctl: sysctls }),
  };
}

/** Whether a block volume would stand where passed-through devices do, however its path is written. */
function isReserved(devicePath: string, prefix: string): boolean {
  const plain = devicePath.replaceAll(/\/(?:\.?\/)+/g, "/");
  return plain.startsWith(prefix) || /^\/dev\/(?:vfio(?:\/|$)|nvidia)/.test(plain);
}

/** The VM gets the GPUs together with the pause container, where it gets them before it starts. */
function gpusOf({ settings, view }: PodContext, { container, isPause }: ContainerSource): number {
  const { cold_plug, nvidia } = settings.devices.vfio;
  if (isPause) return cold_plug ? podGpuCount(view.podSpec, nvidia.pgpu_resource_keys) : 0;
  return gpuCount(container, nvidia.pgpu_resource_keys);
}

function runtimePatterns({ settings }: PodContext, isPause: boolean, gpus: number): SortedMap {
  const { anno_key_regex, nvidia } = settings.devices.vfio;
  const patterns: readonly (readonly [string, string])[] = [
    ...(gpus > 0 ? [[anno_key_regex, nvidia.gpu_anno_value_regex] as const] : []),
    ...(isPause ? [] : TERMINATION_PATTERNS),
  ];
  return sortedMap(patterns);
}
