import * as v from "valibot";
import { decodeBase64 } from "../../lib/base64.ts";
import { checkFields, optional, passedOn, stringMap } from "./field-schema.ts";
import type { KubernetesObject } from "../object.ts";
import { metadata } from "./pod-spec.ts";
import type { Report } from "../yaml-text.ts";

const configMap = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: optional(metadata),
  data: optional(stringMap),
  binaryData: optional(stringMap),
  immutable: optional(v.boolean()),
});

const secret = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: optional(metadata),
  type: passedOn,
  data: optional(stringMap),
  stringData: optional(stringMap),
  immutable: optional(v.boolean()),
});

/** The fields of a ConfigMap that are looked at, with their types. */
export type ConfigMap = v.InferOutput<typeof configMap>;
/** The fields of a Secret that are looked at, with their types. */
export type Secret = v.InferOutput<typeof secret>;

/** The typed view of a ConfigMap; `binaryData` values are base64 text. Wrong fields are reported. */
export function viewConfigMap(object: KubernetesObject, report: Report): ConfigMap | undefined {
  const view = checkFields(configMap, object.value, (path) => object.locate(path), report);
  return isBase64(object, "binaryData", view?.binaryData, report) ? view : undefined;
}

/** The typed view of a Secret; `data` values are base64 text, `stringData` values win over them. Wrong fields are reported. */
export function viewSecret(object: KubernetesObject, report: Report): Secret | undefined {
  const view = checkFields(secret, object.value, (path) => object.locate(path), report);
  return isBase64(object, "data", view?.data, report) ? view : undefined;
}

/** The values may be secret, so that what is wrong is told by its place only. */
function isBase64(
  object: KubernetesObject,
  field: string,
  values: Readonly<Record<string, string>> | undefined,
  report: Report,
): boolean {
  const wrong = Object.entries(values ?? {}).filter(([, value]) => decodeBase64(value) === undefined);
  for (const [key] of wrong) {
    const hint = "Encode the value, or move it to the field that takes plain text.";
    report({
      code: "kubernetes/field-type",
      message: "got other text, want base64",
      hint,
      ...object.locate([field, key]),
    });
  }
  return wrong.length === 0;
}
