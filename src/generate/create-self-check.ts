import type { ConfigLookup } from "../kubernetes/config-lookup.ts";
import type { ImageProvider } from "../oci/image.ts";
import type { Settings } from "../policy/settings.ts";
import type { SelfCheck } from "./target-policies.ts";

/** What every self-check of a run shares. */
export interface SelfCheckParts {
  readonly settings: Settings;
  readonly images: ImageProvider;
  readonly configs: ConfigLookup;
}

/** Rules that are not those of this version, and the engine that guests read them with. */
export interface OtherRules {
  readonly rules: string;
  readonly engine: "guest" | "current";
}

/**
 * Loads the engine once and returns the check that tries one policy: what the runtime will ask must be allowed, what
 * differs from it in one thing must be denied.
 *
 * @param otherRules undefined for the rules of this version; with others, what differs is a warning
 */
export async function createSelfCheck(parts: SelfCheckParts, otherRules: OtherRules | undefined): Promise<SelfCheck> {
  if (otherRules !== undefined) return await createTrial(parts, otherRules);
  const { PolicyEngine } = await import("../rego/policy-engine.ts");
  const { selfCheck } = await import("../policy/self-check/self-check.ts");
  const engine = await PolicyEngine.load();
  return async ({ policyInput }, data, problems) => {
    await selfCheck({ object: policyInput, data, engine, problems, ...parts });
  };
}

async function createTrial(parts: SelfCheckParts, { rules, engine }: OtherRules): Promise<SelfCheck> {
  const { RulesEngine } = await import("../rego/regorus/rules-engine.ts");
  const { OtherRulesTrial } = await import("../policy/self-check/other-rules-trial.ts");
  const trial = new OtherRulesTrial(await RulesEngine.load(rules, { engine }), () => performance.now());
  return async ({ policyInput }, data, problems) => {
    await trial.try({ object: policyInput, data, problems, ...parts });
  };
}
