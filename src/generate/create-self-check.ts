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

/**
 * Loads the engine once and returns the check that tries one policy: what the runtime will ask must be allowed, what
 * differs from it in one thing must be denied.
 */
export async function createSelfCheck(parts: SelfCheckParts): Promise<SelfCheck> {
  const { PolicyEngine } = await import("../rego/policy-engine.ts");
  const { selfCheck } = await import("../policy/self-check/self-check.ts");
  const engine = await PolicyEngine.load();
  return async ({ policyInput }, data, problems) => {
    await selfCheck({ object: policyInput, data, engine, problems, ...parts });
  };
}
