import type { PolicyData } from "../../src/policy/policy-data.ts";
import { sha256Hex } from "../../src/lib/digest.ts";
import { describePolicy } from "../../src/policy/describe/describe-policy.ts";
import type { PolicyDescription } from "../../src/policy/describe/description.ts";
import type { FoundPolicy } from "../../src/policy/found-policy.ts";
import { renderPolicy } from "../../src/policy/render-policy.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { loadProfile } from "../../src/policy/settings/profiles.ts";
import { usualPartsOf } from "../../src/policy/usual-parts.ts";
import { derive, type DeriveOptions } from "./policy-input.ts";

/** A policy text as if it had been found alone. */
export function bareText(text: string, change: Partial<FoundPolicy> = {}): FoundPolicy {
  const hashHex = sha256Hex(text);
  return {
    label: `policy ${hashHex.slice(0, 12)}`,
    namespace: "",
    file: "policy.rego",
    place: { file: "policy.rego" },
    carrier: "text",
    text,
    hashHex,
    object: undefined,
    manifests: [],
    manifestEntries: [],
    ...change,
  };
}

/** The policy of the first workload of a YAML text, as if it had been found on it. */
export async function foundIn(yaml: string, options: DeriveOptions = {}): Promise<FoundPolicy> {
  const { object, data, errors } = await derive(yaml, options);
  if (data === undefined) throw new Error(errors.join("\n"));
  const { label, namespace = "" } = object;
  return bareText(renderPolicy(rulesText(), data).text, { label, namespace, file: "test.yaml", object });
}

/** The same policy with other data. */
export function withData(found: FoundPolicy, change: (data: Json) => unknown): FoundPolicy {
  const at = found.text.lastIndexOf("\npolicy_data := ") + "\npolicy_data := ".length;
  const data = JSON.parse(found.text.slice(at)) as Json;
  const text = `${found.text.slice(0, at)}${JSON.stringify(change(data) ?? data, null, 2)}`;
  return { ...found, text, hashHex: sha256Hex(text) };
}

/** Policy data that tests may write to. */
export type Json = {
  -readonly [Key in keyof PolicyData]: any;
};

/** Describes with the shipped settings at hand. */
export async function describeFound(found: FoundPolicy): Promise<PolicyDescription> {
  const names = ["metal", "aks", "upstream"] as const;
  const usual = await Promise.all(names.map(async (name) => usualPartsOf(name, await loadProfile(name))));
  return describePolicy(found, usual);
}
