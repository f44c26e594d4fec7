import type { Path } from "../../kubernetes/path.ts";
import { isValueMap, valueAt } from "../../kubernetes/value.ts";
import { quoteText } from "../../lib/quote-text.ts";
import { mapsIn, type ObjectContext, type PatchView, reportWarning, textAt } from "../patch-view.ts";

// What the host provides over other ways than a shared file system, or what stays inside the guest.
const GUEST_SOURCES: ReadonlySet<string> = new Set([
  "configMap",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "projected",
  "secret",
]);

/**
 * Looks at every volume mount: a volume that the host can read and change deserves a word.
 *
 * @param context receives the warning `generate/volume-shared`
 */
export function lintVolumes(view: PatchView, context: ObjectContext): void {
  const sources = volumeSources(view);
  for (const { name, path } of volumeMounts(view)) {
    const source = sources.get(name);
    // A mount without volume is an error of the policy.
    if (source !== undefined && !GUEST_SOURCES.has(source)) {
      const message = `volume ${quoteText(name)} is a ${source}: the host can read and change its files`;
      reportWarning(context, "generate/volume-shared", path, message, "Encrypt and check what is stored there.");
    }
  }
}

/** Kind of source by volume name; Kubernetes makes an emptyDir of a volume without source. */
function volumeSources(view: PatchView): ReadonlyMap<string, string> {
  const volumes = mapsIn(valueAt(view.podSpec, ["volumes"])).map((volume) => {
    const source = Object.keys(volume).find((key) => key !== "name" && isValueMap(volume[key]));
    return [textAt(volume, "name") ?? "", source ?? "emptyDir"] as const;
  });
  const claims = mapsIn(valueAt(view.object, ["spec", "volumeClaimTemplates"])).map(
    (claim) => [textAt(claim, "metadata", "name") ?? "", "persistentVolumeClaim"] as const,
  );
  return new Map([...claims, ...volumes]);
}

function volumeMounts(view: PatchView): readonly { readonly name: string; readonly path: Path }[] {
  return ["initContainers", "containers"].flatMap((list) =>
    mapsIn(valueAt(view.podSpec, [list])).flatMap((container, index) =>
      mapsIn(valueAt(container, ["volumeMounts"])).flatMap((mount, position) => {
        const name = textAt(mount, "name");
        const path = [...view.workload.podSpecPath, list, index, "volumeMounts", position, "name"];
        return name === undefined ? [] : [{ name, path }];
      }),
    ),
  );
}
