import { valueAt } from "../../kubernetes/value.ts";
import { quoteText } from "../../lib/quote-text.ts";
import type { ImageReplacements } from "../image-replacements.ts";
import { mapsIn, type ObjectContext, type PatchView, reportWarning, textAt } from "../patch-view.ts";

/**
 * Looks for images of the release in another version than the table has: Coordinator, Initializer and mesh proxy of
 * different releases do not understand each other. References without tag are left alone.
 *
 * @param context receives the warning `generate/release-image-version`
 */
export function lintReleaseImages(view: PatchView, images: ImageReplacements, context: ObjectContext): void {
  const tags = new Map<string, string>();
  for (const replacement of images.values()) {
    const { repository, tag } = splitReference(replacement);
    if (tag !== undefined) tags.set(repository, tag);
  }
  for (const list of ["initContainers", "containers"]) {
    for (const [index, container] of mapsIn(valueAt(view.podSpec, [list])).entries()) {
      const { repository, tag } = splitReference(textAt(container, "image") ?? "");
      const wanted = tags.get(repository);
      if (wanted === undefined || tag === undefined || tag === wanted) continue;
      const path = [...view.workload.podSpecPath, list, index, "image"];
      const message = `got version ${quoteText(tag)} of ${repository}, this program goes with ${quoteText(wanted)}`;
      const hint = `Write ${repository}:latest to get the version that fits.`;
      reportWarning(context, "generate/release-image-version", path, message, hint);
    }
  }
}

function splitReference(reference: string): { readonly repository: string; readonly tag: string | undefined } {
  const [name = ""] = reference.split("@");
  const [, repository = name, tag] = /^(.*):([^:/]*)$/.exec(name) ?? [];
  return { repository, tag };
}
