import type { Container } from "../../kubernetes/pod/container.ts";
import type { PodSpec } from "../../kubernetes/pod/pod-spec.ts";
import { podTotal } from "../../kubernetes/pod/pod-total.ts";
import { wholeQuantity } from "../../kubernetes/pod/quantity.ts";
import type { PolicyDevice } from "../policy-data.ts";
import type { Settings } from "../settings.ts";

/** More than any node has; a policy with a device for each stays small. */
const MAX_GPUS = 9999n;

/**
 * Devices that the runtime hands to a container: its block volumes, then one for each GPU. Runtimes that pass GPUs when
 * the VM starts tell of none.
 *
 * @see kata-containers `src/tools/genpolicy/src/mount_and_storage.rs`
 */
export function deriveDevices(container: Container, gpus: number, settings: Settings): readonly PolicyDevice[] {
  const { cold_plug, device_path, nvidia } = settings.devices.vfio;
  const gpu = device("", nvidia.gpu_gk_device_type, device_path);
  return [
    ...(container.volumeDevices ?? []).map(({ devicePath }) => device("", "", devicePath)),
    ...Array.from({ length: cold_plug ? 0 : gpus }, () => gpu),
  ];
}

/**
 * How many GPUs the limits ask for; 0 when a value is not a whole number.
 *
 * @param resourceKeys names of resources, or all of a vendor as in `nvidia.com/*`
 */
export function gpuCount(container: Container, resourceKeys: readonly string[]): number {
  const limits = Object.entries(container.resources?.limits ?? {});
  const counts = limits.filter(([name]) => isGpu(name, resourceKeys)).map(([, count]) => wholeQuantity(count));
  let sum = 0n;
  for (const count of counts) {
    if (count === undefined || count < 0n) return 0;
    sum += count;
  }
  return sum > MAX_GPUS ? 0 : Number(sum);
}

/** How many GPUs a pod holds at one time. */
export function podGpuCount({ initContainers = [], containers }: PodSpec, resourceKeys: readonly string[]): number {
  const init = initContainers.map((container) => ({
    amount: gpuCount(container, resourceKeys),
    isSidecar: container.restartPolicy === "Always",
  }));
  return podTotal(
    init,
    containers.map((container) => gpuCount(container, resourceKeys)),
  );
}

function isGpu(name: string, resourceKeys: readonly string[]): boolean {
  return resourceKeys.some((key) => (key.endsWith("/*") ? name.startsWith(key.slice(0, -1)) : name === key));
}

function device(id: string, type_: string, container_path: string): PolicyDevice {
  return { id, type_, vm_path: "", container_path, options: [] };
}
