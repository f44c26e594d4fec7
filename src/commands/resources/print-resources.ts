import type { ValueMap } from "../../kubernetes/value.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import { imagesOf } from "../../resources/resource-images.ts";
import { renderResources } from "../../resources/resource-yaml.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";

/**
 * Prints objects as YAML, or writes them to the file of `--output`. As JSON they are a List, which can be applied as
 * it is; what the command says besides stands in the same object.
 *
 * @param name of the command, for the schema
 * @param fields of the JSON result
 * @throws ContrastError `lib/file-unwritable`
 */
export async function printResources(
  name: string,
  objects: readonly ValueMap[],
  fields: Readonly<Record<string, unknown>>,
  flags: ParsedFlags,
  io: Io,
): Promise<void> {
  const file = flags.string("output");
  const yaml = renderResources(objects);
  if (file !== "") await writeFileAtomically(file, yaml);
  if (io.format === "json") {
    const written = file === "" ? {} : { file };
    const list = { apiVersion: "v1", kind: "List", items: objects };
    io.out(resultJson(name, { ...fields, ...written, images: imagesOf(objects), ...list }));
  } else if (file === "") io.write(yaml);
  else io.out(`✔️ Wrote ${file}: ${objects.length} ${objects.length === 1 ? "object" : "objects"}`);
}

/**
 * Warns about images whose content can change behind their tag. No policy covers what runs outside of guests, so nobody
 * would notice.
 */
export function warnUnpinned(objects: readonly ValueMap[], io: Io): void {
  const unpinned = imagesOf(objects).filter(({ isPinned }) => !isPinned);
  if (unpinned.length === 0) return;
  io.log.warn("images are named by tag, whose content can change", {
    images: unpinned.map(({ image }) => image).join(" "),
    hint: "Name their digests in a table, and give it with --image-replacements.",
  });
}
