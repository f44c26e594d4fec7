import type { Container } from "../../kubernetes/pod/container.ts";
import type { PolicyDevice } from "../policy-data.ts";
import type { Settings } from "../settings.ts";

/**
 * Devices that the runtime hands to a container: its block volumes, then one for each requested GPU.
 *
 * @see kata-containers `src/tools/genpolicy/src/mount_and_storage.rs`
 */
export function deriveDevices(container: Container, settings: Settings): readonly PolicyDevice[] {
  const { device_path, nvidia } = settings.devices.vfio;
  const gpu = device("", nvidia.gpu_gk_device_type, device_path);
  return [
    ...(container.volumeDevices ?? []).map(({ devicePath }) => device("", "", devicePath)),
    ...Array.from({ length: gpuCount(container, nvidia.pgpu_resource_keys) }, () => gpu),
  ];
}

/** How many GPUs the limits ask for; 0 when a value is not a whole number. */
export function gpuCount(container: Container, resourceKeys: readonly string[]): number {
  const limits = container.resources?.limits ?? {};
  const counts = resourceKeys.flatMap((key) => (Object.hasOwn(limits, key) ? [limits[key] ?? ""] : []));
  if (!counts.every((count) => /^\d{1,4}$/.test(count))) return 0;
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

function device(id: string, type_: string, container_path: string): PolicyDevice {
  return { id, type_, vm_path: "", container_path, options: [] };
}
