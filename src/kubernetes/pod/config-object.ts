import * as v from "valibot";
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

export type ConfigMap = v.InferOutput<typeof configMap>;
export type Secret = v.InferOutput<typeof secret>;

/** The typed view of a ConfigMap; `binaryData` values are base64 text. Wrong fields are reported. */
export function viewConfigMap(object: KubernetesObject, report: Report): ConfigMap | undefined {
  return checkFields(configMap, object.value, (path) => object.locate(path), report);
}

/** The typed view of a Secret; `data` values are base64 text, `stringData` values win over them. Wrong fields are reported. */
export function viewSecret(object: KubernetesObject, report: Report): Secret | undefined {
  return checkFields(secret, object.value, (path) => object.locate(path), report);
}
