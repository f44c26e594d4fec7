import type { ValueMap } from "../../kubernetes/value.ts";
import type { Workload } from "../../kubernetes/workload.ts";
import type { Platform } from "../../manifest/platforms.ts";
import type { ImageReplacements } from "../image-replacements.ts";
import { lintGpu } from "./lint-gpu.ts";
import { lintMeshAnnotations } from "./lint-mesh-annotations.ts";
import { lintMeshPorts } from "./lint-mesh-ports.ts";
import { lintReleaseImages } from "./lint-release-images.ts";
import { lintVolumes } from "./lint-volumes.ts";
import { isContrastClass, type ObjectContext, runtimeClassOf, viewForPatch } from "../patch-view.ts";

/**
 * Looks for frequent mistakes in a patched workload. All of them are warnings: each may be what the user wants.
 *
 * @see edgelesssys/contrast `cli/verifier`
 */
export function lintWorkload(
  object: ValueMap,
  workload: Workload,
  options: { readonly platform: Platform; readonly images: ImageReplacements },
  context: ObjectContext,
): void {
  const view = viewForPatch(object, workload);
  if (view === undefined) return;
  lintMeshAnnotations(view, context);
  if (!isContrastClass(runtimeClassOf(view.podSpec))) return;
  lintReleaseImages(view, options.images, context);
  lintVolumes(view, context);
  lintMeshPorts(view, context);
  lintGpu(view, options.platform, context);
}
