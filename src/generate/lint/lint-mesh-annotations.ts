import { isValueMap, valueAt } from "../../kubernetes/value.ts";
import { MESH_ANNOTATION_PREFIX, MESH_ANNOTATIONS } from "../../servicemesh/annotation-keys.ts";
import { similarNames } from "../../terminal/similar-names.ts";
import { isContrastClass, type ObjectContext, type PatchView, reportWarning, runtimeClassOf } from "../patch-view.ts";

/**
 * Looks for mesh annotations that have no effect: misspelt ones, and those of a workload that gets no sidecar.
 *
 * @param context receives the warnings `generate/mesh-annotation-unknown` and `generate/mesh-annotation-unused`
 */
export function lintMeshAnnotations(view: PatchView, context: ObjectContext): void {
  const known: readonly string[] = MESH_ANNOTATIONS;
  const isInjected = isContrastClass(runtimeClassOf(view.podSpec));
  const places = [["metadata"], view.workload.templateMetadataPath];
  // A Pod's own metadata is its template's too.
  for (const metadata of view.workload.templateMetadataPath.length === 1 ? places.slice(1) : places) {
    const annotations = valueAt(view.object, [...metadata, "annotations"]);
    for (const key of isValueMap(annotations) ? Object.keys(annotations) : []) {
      if (!key.startsWith(MESH_ANNOTATION_PREFIX)) continue;
      const path = [...metadata, "annotations", key];
      if (!known.includes(key)) {
        const [nearest] = similarNames(key, known);
        const hint = nearest === undefined ? `Known are ${known.join(", ")}.` : `Did you mean ${nearest}?`;
        reportWarning(
          context,
          "generate/mesh-annotation-unknown",
          path,
          "unknown annotation of the service mesh",
          hint,
        );
      } else if (!isInjected) {
        const message = "the annotation has no effect, because the runtime class does not begin with contrast-cc";
        reportWarning(context, "generate/mesh-annotation-unused", path, message, "Set runtimeClassName: contrast-cc.");
      }
    }
  }
}
