import { ContrastError } from "../lib/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../lib/json.ts";
import { splitPolicyText } from "../rego/policy-text.ts";
import type { PolicyView } from "./policy-view.ts";
import { readPolicyView } from "./read-policy-view.ts";
import { rulesText } from "./rules-text.ts";

/** A policy text in its parts. */
export interface ParsedPolicy {
  /** Whether the rules are, byte for byte, those of this program. */
  readonly isEmbeddedRules: boolean;
  readonly rulesText: string;
  /** Undefined for a policy that has no `policy_data`, or whose `policy_data` is not JSON with every name once. */
  readonly data: PolicyView | undefined;
}

/**
 * Reads a policy text of any origin. What cannot be read is left out and told in `data.faults`; nothing is believed about
 * rules that are not this program's.
 *
 * @throws ContrastError `rego/policy-too-large`
 */
export function parsePolicy(text: string): ParsedPolicy {
  const parts = splitPolicyText(text);
  const isEmbeddedRules = parts.rulesText === rulesText();
  if (parts.dataText === undefined) return { isEmbeddedRules, rulesText: parts.rulesText, data: undefined };
  const data = jsonOf(parts.dataText);
  // Text behind the data is rules as well.
  if (data === undefined) return { isEmbeddedRules: false, rulesText: text, data: undefined };
  return { isEmbeddedRules, rulesText: parts.rulesText, data: readPolicyView(data) };
}

function jsonOf(text: string): JsonObject | undefined {
  try {
    const json = parseJson(text, "policy data");
    return isJsonObject(json) && pairsIn(text) === membersIn(json) ? json : undefined;
  } catch (error) {
    if (error instanceof ContrastError) return undefined;
    throw error;
  }
}

/**
 * Pairs of name and value in a JSON text. Which of two values of one name counts is up to the reader, so that this
 * program and a guest could see different policies.
 */
function pairsIn(text: string): number {
  return text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|:/g)?.filter((token) => token === ":").length ?? 0;
}

function membersIn(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, item: Json) => sum + membersIn(item), 0);
  return inner + (isJsonObject(value) ? Object.keys(value).length : 0);
}
