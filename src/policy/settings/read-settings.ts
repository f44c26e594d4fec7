import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { readText } from "../../lib/files.ts";
import { parseJson, type Json } from "../../lib/json.ts";
import { applyPatchOperation, type JsonPatchOperation } from "../json-patch.ts";
import { checkSettings, parseSettings } from "./parse-settings.ts";
import { loadProfile, type ProfileName } from "./profiles.ts";
import type { Settings } from "../settings.ts";

const MAX_SETTINGS_BYTES = 1024 * 1024;
const SETTINGS_FILE = "genpolicy-settings.json";
const DROP_IN_DIRECTORY = "genpolicy-settings.d";

const patchSchema = v.array(
  v.object({
    op: v.picklist(["add", "remove", "replace", "move", "copy", "test"]),
    path: v.string(),
    from: v.optional(v.string()),
    value: v.optional(v.custom<Json>(() => true)),
  }),
);

/**
 * Reads settings from a file, or from a directory that holds `genpolicy-settings.json` and, in
 * `genpolicy-settings.d/*.json`, JSON Patches that are applied in the order of their names.
 *
 * @param profile settings of the platform, for keys that the file's version did not have
 * @throws ContrastError `lib/file-unreadable`, `lib/json-invalid`, `policy/settings-drop-in`
 * @throws ProblemsError with the codes of `parseSettings`
 */
export async function readSettings(path: string, profile?: ProfileName): Promise<Settings> {
  const base = profile === undefined ? undefined : await loadProfile(profile);
  if (!(await isDirectory(path)))
    return parseSettings(await readText(path, "settings", MAX_SETTINGS_BYTES), path, base);

  const file = join(path, SETTINGS_FILE);
  let document = parseJson(await readText(file, "settings", MAX_SETTINGS_BYTES), `settings "${file}"`);
  for (const dropIn of await dropInsOf(join(path, DROP_IN_DIRECTORY))) document = await patched(document, dropIn);
  return checkSettings(document, path, base);
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function dropInsOf(directory: string): Promise<readonly string[]> {
  if (!(await isDirectory(directory))) return [];
  const names = (await readdir(directory)).filter((name) => name.endsWith(".json"));
  return names.toSorted().map((name) => join(directory, name));
}

async function patched(document: Json, file: string): Promise<Json> {
  const text = await readText(file, "settings drop-in", MAX_SETTINGS_BYTES);
  const patch = v.safeParse(patchSchema, parseJson(text, `settings drop-in "${file}"`));
  if (!patch.success) throw refused(file, "not a JSON Patch");
  try {
    return patch.output.reduce(
      (value: Json, operation: JsonPatchOperation) => applyPatchOperation(value, operation),
      document,
    );
  } catch (error) {
    throw refused(file, messageOf(error), error);
  }
}

function refused(file: string, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("policy/settings-drop-in", `Cannot apply settings drop-in "${file}": ${fact}`, { cause });
}
