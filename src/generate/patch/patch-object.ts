import type { ValueMap } from "../../kubernetes/value.ts";
import { isValueMap } from "../../kubernetes/value.ts";
import type { Workload } from "../../kubernetes/workload.ts";
import { keepEqualParts, replaceAt } from "../edit-value.ts";
import type { ImageReplacements } from "../image-replacements.ts";
import { replaceImages } from "../image-replacements.ts";
import { injectInitializer } from "./inject-initializer.ts";
import { checkSidecarImage } from "./sidecar-image.ts";
import { injectServiceMesh } from "./inject-service-mesh.ts";
import { keepAksClass } from "./keep-aks-class.ts";
import { replaceRuntimeClass } from "./runtime-class.ts";
import type { ObjectContext } from "../patch-view.ts";
import { viewForPatch } from "../patch-view.ts";

/** What one run of `generate` does to every workload. */
export interface PatchOptions {
  /** Runtime handler of the chosen platform. */
  readonly handler: string;
  readonly images: ImageReplacements;
  readonly skipInitializer: boolean;
  readonly skipServiceMesh: boolean;
}

/**
 * Makes a workload confidential, all but its policy. Objects without pod spec come back as they are.
 *
 * The order matters: injection looks at the runtime class before it is replaced, and injected images are replaced too.
 *
 * @param object not modified; parts that do not change are shared with the result
 * @param context receives every finding; after an error the result is of no use
 * @returns the same object when nothing changes
 * @see edgelesssys/contrast `cli/cmd/generate.go`
 */
export function patchObject(
  object: ValueMap,
  workload: Workload,
  options: PatchOptions,
  context: ObjectContext,
): ValueMap {
  const view = viewForPatch(object, workload);
  if (view === undefined) return object;
  let podSpec = view.podSpec;
  if (!options.skipInitializer) podSpec = injectInitializer(podSpec, view, context);
  if (!options.skipServiceMesh) podSpec = injectServiceMesh(podSpec, view, context);
  podSpec = replaceImages(podSpec, view, options.images, context);
  checkSidecarImage(podSpec, view, context);
  podSpec = replaceRuntimeClass(podSpec, options.handler);
  const kept = keepEqualParts(view.podSpec, podSpec);
  const patched = isValueMap(kept) ? replaceAt(object, workload.podSpecPath, kept) : object;
  return options.skipInitializer ? patched : keepAksClass(patched, view, context);
}
