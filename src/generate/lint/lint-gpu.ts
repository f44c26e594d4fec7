import { isValueMap, valueAt } from "../../kubernetes/value.ts";
import type { Platform } from "../../manifest/platforms.ts";
import { findAnnotation } from "../contrast-annotations.ts";
import { mapsIn, type ObjectContext, type PatchView, reportWarning } from "../patch-view.ts";

const DEVICE_ANNOTATION = "cdi.k8s.io/gpu";
const MEMORY_ANNOTATION = "io.katacontainers.config.hypervisor.default_memory";
/** Below it the driver does not come up. */
const MINIMUM_MEMORY_MIB = 8192;

/**
 * Looks at pods that ask for a GPU: the platform has to have one, and the user has to supply two annotations.
 *
 * @param context receives the warnings `generate/gpu-platform` and `generate/gpu-annotation`
 */
export function lintGpu(view: PatchView, platform: Platform, context: ObjectContext): void {
  const index = mapsIn(valueAt(view.podSpec, ["containers"])).findIndex((container) => {
    const limits = valueAt(container, ["resources", "limits"]);
    return isValueMap(limits) && Object.keys(limits).some((name) => name.startsWith("nvidia.com/"));
  });
  if (index < 0) return;
  const path = [...view.workload.podSpecPath, "containers", index, "resources", "limits"];
  if (!platform.gpu) {
    const message = `the pod asks for a GPU, and ${platform.display} has none`;
    reportWarning(context, "generate/gpu-platform", path, message, "Choose a platform that ends in -gpu.");
    return;
  }
  const annotations = [...view.workload.templateMetadataPath, "annotations"];
  if (findAnnotation(view, DEVICE_ANNOTATION) === undefined) {
    const hint = `Add ${DEVICE_ANNOTATION}: "nvidia.com/pgpu=0" to the pod's annotations.`;
    reportWarning(context, "generate/gpu-annotation", annotations, "the pod asks for a GPU, but names no device", hint);
  }
  const memory = findAnnotation(view, MEMORY_ANNOTATION)?.value;
  if (memory === undefined || Number(memory) < MINIMUM_MEMORY_MIB) {
    const message = `the guest of a GPU pod needs ${MINIMUM_MEMORY_MIB} MiB of memory or more, got ${memory ?? "the default"}`;
    const hint = `Add ${MEMORY_ANNOTATION}: "16384" to the pod's annotations.`;
    reportWarning(context, "generate/gpu-annotation", [...annotations, MEMORY_ANNOTATION], message, hint);
  }
}
