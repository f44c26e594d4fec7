import { IMAGE_RULES } from "./rules/image-rules.ts";
import type { LintRule } from "./lint-rule.ts";
import { MESH_RULES } from "./rules/mesh-rules.ts";
import { POD_RULES } from "./rules/pod-rules.ts";
import { RESOURCE_RULES } from "./rules/resource-rules.ts";
import { VOLUME_RULES } from "./rules/volume-rules.ts";

/** Every rule of this program, in the order of listings. */
export const LINT_RULES: readonly LintRule[] = [
  ...IMAGE_RULES,
  ...RESOURCE_RULES,
  ...VOLUME_RULES,
  ...POD_RULES,
  ...MESH_RULES,
];

const byId: ReadonlyMap<string, LintRule> = new Map(LINT_RULES.map((rule) => [rule.id, rule]));

/** The rule with an id; undefined for rules of users. */
export function lintRule(id: string): LintRule | undefined {
  return byId.get(id);
}
