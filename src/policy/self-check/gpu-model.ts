import type { Container } from "../../kubernetes/pod/container.ts";
import { wholeQuantity } from "../../kubernetes/pod/quantity.ts";
import type { PodModel } from "./pod-model.ts";

const VENDOR = "nvidia.com/";
/** Names that the plugin makes of models; others come from plugins for plain containers. */
const MODEL = /^[A-Za-z0-9_]+$/;
/** Policies describe no more. */
const MAX_GPUS = 9999n;

/** How many GPUs a container gets; on Contrast 1.4 any resource of the vendor is one. */
export function gpuCount(pod: PodModel, container: Container): number {
  return gpuLimits(pod, container).reduce((sum, [, count]) => sum + count, 0);
}

/**
 * Variables with the addresses of the GPUs of a container, from the device plugin for virtual machines.
 *
 * @see NVIDIA/kubevirt-gpu-device-plugin `pkg/device_plugin/generic_device_plugin.go`, `Allocate`
 */
export function gpuVariables(pod: PodModel, container: Container): readonly (readonly [string, string])[] {
  if (!pod.runtime.isContrast) return [];
  return gpuLimits(pod, container).flatMap(([name, count]) => {
    const model = name.slice(VENDOR.length);
    if (!MODEL.test(model)) return [];
    const addresses = Array.from({ length: count }, (_, index) => `0000:${(0x41 + index).toString(16)}:00.0`);
    return [[`PCI_RESOURCE_NVIDIA_COM_${model.toUpperCase()}`, addresses.join(",")] as const];
  });
}

function gpuLimits({ runtime }: PodModel, container: Container): readonly (readonly [name: string, count: number])[] {
  return Object.entries(container.resources?.limits ?? {}).flatMap(([name, quantity]) => {
    const isGpu = runtime.isContrast ? name.startsWith(VENDOR) : runtime.gpuKeys.includes(name);
    const count = isGpu ? (wholeQuantity(quantity) ?? 0n) : 0n;
    return count > 0n && count <= MAX_GPUS ? [[name, Number(count)] as const] : [];
  });
}
