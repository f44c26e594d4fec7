import rules from "../../policy/rules.rego" with { type: "text" };

/** The policy rules that this program ships, byte for byte; every policy text begins with them. */
export function rulesText(): string {
  return rules;
}
