import { splitPolicyText } from "../rego/policy-text.ts";
import { parsePolicyData } from "./parse-policy-data.ts";
import type { PolicyView } from "./policy-view.ts";
import { readPolicyView } from "./view/read-policy-view.ts";
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
  const data = parsePolicyData(parts.dataText);
  // Text behind the data is rules as well.
  if (data === undefined) return { isEmbeddedRules: false, rulesText: text, data: undefined };
  return { isEmbeddedRules, rulesText: parts.rulesText, data: readPolicyView(data) };
}
