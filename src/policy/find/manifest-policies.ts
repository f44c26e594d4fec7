import * as v from "valibot";
import { checkShape } from "../../lib/check-shape.ts";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { readText } from "../../lib/files.ts";
import { parseJson } from "../../lib/json.ts";
import type { Problems } from "../../lib/problems.ts";
import type { ManifestEntry } from "../found-policy.ts";

/** More than any manifest. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** The policies that one manifest trusts, by their hash. */
export interface FoundManifest {
  readonly file: string;
  readonly policies: ReadonlyMap<string, Omit<ManifestEntry, "file">>;
}

/** Only what names policies; `contrast manifest validate` judges the rest. */
const manifestSchema = v.looseObject({
  Policies: v.nullish(
    v.record(
      v.string(),
      v.looseObject({
        SANs: v.nullish(v.array(v.string())),
        WorkloadSecretID: v.nullish(v.string()),
        Role: v.nullish(v.string()),
      }),
    ),
  ),
});

/**
 * Reads which policies the manifests trust.
 *
 * @param problems receives `policy/manifest-invalid` and the codes of reading files
 */
export async function readManifestPolicies(
  files: readonly string[],
  problems: Problems,
): Promise<readonly FoundManifest[]> {
  const manifests: FoundManifest[] = [];
  for (const file of files) {
    try {
      manifests.push({ file, policies: policiesOf(await readText(file, "manifest", MAX_MANIFEST_BYTES)) });
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      const code = error.code === "lib/json-invalid" ? "policy/manifest-invalid" : error.code;
      problems.error({ code, message: messageOf(error), file });
    }
  }
  return manifests;
}

function policiesOf(text: string): FoundManifest["policies"] {
  const json = parseJson(text, "manifest");
  const { Policies } = checkShape(manifestSchema, json, "policy/manifest-invalid", "manifest");
  const entries = Object.entries(Policies ?? {}).map(
    ([hash, { SANs, WorkloadSecretID, Role }]) =>
      [hash.toLowerCase(), { sans: SANs ?? [], workloadSecretId: WorkloadSecretID ?? "", role: Role ?? "" }] as const,
  );
  return new Map(entries);
}
