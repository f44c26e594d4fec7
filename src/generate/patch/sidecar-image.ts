import { SIDECAR_NAME } from "../../kubernetes/contrast-names.ts";
import type { ValueMap } from "../../kubernetes/value.ts";
import { MESH_OPTION_ANNOTATIONS, SIDECAR_VARIABLES } from "../../servicemesh/annotation-keys.ts";
import { isOriginalSidecarImage } from "../../servicemesh/original-image.ts";
import { mapsIn, type ObjectContext, type PatchView, reportError, textAt } from "../patch-view.ts";

const OPTIONS: ReadonlySet<string> = new Set(MESH_OPTION_ANNOTATIONS.map((key) => SIDECAR_VARIABLES[key]));

/**
 * Refuses a sidecar that is told about IPv6 or UDP and has the image of the original, which ignores that: the pod would
 * run without the protection that was asked for.
 *
 * @param podSpec with its final images
 * @param context receives `servicemesh/image-unable`
 */
export function checkSidecarImage(podSpec: ValueMap, view: PatchView, context: ObjectContext): void {
  for (const [index, container] of mapsIn(podSpec["initContainers"]).entries()) {
    const image = textAt(container, "image") ?? "";
    if (textAt(container, "name") !== SIDECAR_NAME || !isOriginalSidecarImage(image)) continue;
    const told = mapsIn(container["env"]).map((entry) => textAt(entry, "name") ?? "");
    const unknown = told.filter((name) => OPTIONS.has(name));
    if (unknown.length === 0) continue;
    const path = [...view.workload.podSpecPath, "initContainers", index, "image"];
    const message = `the image "${image}" does not know ${unknown.join(" and ")} and would leave such traffic unprotected`;
    const hint =
      "Name an image with this program as its entry point by --image-replacements, or remove the annotation.";
    reportError(context, "servicemesh/image-unable", path, message, hint);
  }
}
