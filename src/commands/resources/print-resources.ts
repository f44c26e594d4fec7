import type { ValueMap } from "../../kubernetes/value.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import type { Finding } from "../../lib/finding.ts";
import { imagesOf } from "../../resources/resource-images.ts";
import { renderResources } from "../../resources/resource-yaml.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { logWarnings } from "../log-warnings.ts";

/**
 * Prints objects as YAML, or writes them to the file of `--output`. As JSON they are a List, which can be applied as
 * it is; what the command says besides stands in the same object.
 *
 * @param name of the command, for the schema
 * @param fields of the JSON result
 * @param found what is told besides
 * @throws ContrastError `lib/file-unwritable`
 */
export async function printResources(
  name: string,
  objects: readonly ValueMap[],
  fields: Readonly<Record<string, unknown>>,
  found: readonly Finding[],
  flags: ParsedFlags,
  io: Io,
): Promise<void> {
  logWarnings(found, io.log);
  const file = flags.string("output");
  const yaml = renderResources(objects);
  if (file !== "") await writeFileAtomically(file, yaml);
  if (io.format === "json") {
    const written = file === "" ? {} : { file };
    const list = { apiVersion: "v1", kind: "List", items: objects };
    io.out(resultJson(name, { ...findingsJson(found), ...fields, ...written, images: imagesOf(objects), ...list }));
  } else if (file === "") io.write(yaml);
  else io.out(`✔️ Wrote ${file}: ${objects.length} ${objects.length === 1 ? "object" : "objects"}`);
}

/**
 * Tells images whose content can change behind their tag. No policy covers what runs outside of guests, so nobody
 * would notice.
 */
export function unpinnedImages(objects: readonly ValueMap[]): readonly Finding[] {
  const unpinned = imagesOf(objects).filter(({ isPinned }) => !isPinned);
  if (unpinned.length === 0) return [];
  const message = `images are named by tag, whose content can change: ${unpinned.map(({ image }) => image).join(" ")}`;
  const hint = "Name their digests in a table, and give it with --image-replacements.";
  return [{ severity: "warning", message, hint }];
}
