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

const DATA_MARKER = "\npolicy_data := ";

/** The data of a policy text, as JSON that a test may change. */
export function dataOf({ text }: Pick<FoundPolicy, "text">): unknown {
  return JSON.parse(text.slice(text.lastIndexOf(DATA_MARKER) + DATA_MARKER.length));
}

/** The same policy with another value at a path of its data; undefined takes the member away. */
export function withDataAt(found: FoundPolicy, path: readonly (string | number)[], value: unknown): FoundPolicy {
  const data = dataOf(found);
  const at = found.text.lastIndexOf(DATA_MARKER) + DATA_MARKER.length;
  return withText(found, `${found.text.slice(0, at)}${JSON.stringify(changedAt(data, path, value), null, 2)}`);
}

/** The same finding with another text. */
export function withText(found: FoundPolicy, text: string): FoundPolicy {
  return { ...found, text, hashHex: sha256Hex(text) };
}

function changedAt(value: unknown, [step, ...rest]: readonly (string | number)[], leaf: unknown): unknown {
  if (step === undefined) return leaf;
  if (Array.isArray(value)) return value.toSpliced(Number(step), 1, changedAt(value[Number(step)], rest, leaf));
  const map = value as Readonly<Record<string, unknown>>;
  return { ...map, [step]: changedAt(map[step], rest, leaf) };
}

/** Describes with the shipped settings at hand. */
export async function describeFound(found: FoundPolicy): Promise<PolicyDescription> {
  const names = ["metal", "aks", "upstream"] as const;
  const usual = await Promise.all(names.map(async (name) => usualPartsOf(name, await loadProfile(name))));
  return describePolicy(found, usual);
}
