import type { Value, ValueMap } from "../kubernetes/value.ts";
import { ownValue } from "../kubernetes/value.ts";
import { Problems } from "../lib/problems.ts";
import { quoteText } from "../lib/quote-text.ts";
import { withMember } from "./edit-value.ts";
import embedded from "./image-replacements.txt" with { type: "text" };
import type { ObjectContext, PatchView } from "./patch-view.ts";
import { mapsAt } from "./patch-view.ts";

/** From image reference as it stands in YAML to the one that replaces it. */
export type ImageReplacements = ReadonlyMap<string, string>;

const LINE = /^[^\S\n]*([^\s=]+)[^\S\n]*=[^\S\n]*([^\s=]+)[^\S\n]*$/;

/**
 * Reads a replacement table: one `image = replacement` for each line, spaces around the sign optional; empty lines and
 * lines that begin with `#` are skipped. A later line for the same image wins.
 *
 * @param file named in messages
 * @throws ProblemsError `generate/image-line-invalid` for every bad line
 */
export function parseImageReplacements(text: string, file: string): ImageReplacements {
  const table = new Map<string, string>();
  const problems = new Problems();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, image, replacement] = LINE.exec(line) ?? [];
    if (image !== undefined && replacement !== undefined) table.set(image, replacement);
    else {
      const message = `invalid image line: ${quoteText(line)}`;
      const hint = "Write each line as `image = replacement`.";
      problems.error({ code: "generate/image-line-invalid", file, line: index + 1, message, hint });
    }
  }
  problems.throwIfAny("Cannot read image replacements");
  return table;
}

/** The table that is part of the program. */
export function embeddedImageReplacements(): ImageReplacements {
  return parseImageReplacements(embedded, "embedded image replacements");
}

/** Images that `--version` lists, sorted by the embedded table's order. */
export function bundledImages(): readonly string[] {
  return [...embeddedImageReplacements().values()];
}

/** Replaces images that are exactly in the table, in containers and init containers. */
export function replaceImages(
  podSpec: ValueMap,
  view: PatchView,
  images: ImageReplacements,
  context: ObjectContext,
): ValueMap {
  let result = podSpec;
  for (const list of ["initContainers", "containers"]) {
    const containers = mapsAt(podSpec, list, view.workload.podSpecPath, context) ?? [];
    const replaced: Value[] = containers.map((container) => {
      const image = ownValue(container, "image");
      const replacement = typeof image === "string" ? images.get(image) : undefined;
      return replacement === undefined ? container : withMember(container, "image", replacement);
    });
    if (replaced.some((container, index) => container !== containers[index]))
      result = withMember(result, list, replaced);
  }
  return result;
}
