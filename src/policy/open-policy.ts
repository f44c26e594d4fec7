import type { DecidingSession } from "../rego/deciding-session.ts";
import { splitPolicyText } from "../rego/policy-text.ts";
import { parsePolicyData } from "./parse-policy-data.ts";
import { REQUEST_SHAPES } from "./request-schema.ts";
import { MISREAD_WORDS } from "../rego/regorus/rules-engine.ts";
import { rulesText } from "./rules-text.ts";

/** A policy that can decide requests. */
export interface OpenedPolicy {
  /** `embedded`: the rules that this program ships; `other`: any rules. */
  readonly rules: "embedded" | "other";
  readonly session: DecidingSession;
  /** Kinds of requests that the rules answer. */
  readonly kinds: readonly string[];
  /** Whether the policy allows what it refuses (its rule `AllowRequestsFailingPolicy` is true). */
  readonly isLenient: boolean;
  /** Words of newer Rego that the text uses as if it had imported them; guests read them as names of rules. */
  readonly misreadWords: readonly string[];
}

/** What decides. */
export interface OpenPolicyOptions {
  /**
   * `auto`: the compiled rules where the text begins with the embedded ones, and else `current`; `guest`: regorus as in
   * guests of Contrast 1.4; `current`: regorus as in later guests.
   */
  readonly engine?: "auto" | "guest" | "current";
  /** Version of Rego; guests read version 0, in which `import rego.v1` switches. */
  readonly syntax?: "v0" | "v1";
}

/**
 * Opens a policy text, whoever wrote it. The compiled rules only decide where text and data are exactly what a generator
 * writes: a text that goes on behind the data, or whose data are not plain JSON, is left to the engine for any rules.
 *
 * @throws ContrastError `rego/policy-too-large`, `rego/syntax-invalid`, `rego/limit-exceeded`, `rego/evaluation-failed`
 */
export async function openPolicy(text: string, options: OpenPolicyOptions = {}): Promise<OpenedPolicy> {
  const { engine = "auto", syntax = "v0" } = options;
  const { rulesText: rules, dataText } = splitPolicyText(text);
  const isEmbedded = rules === rulesText() && dataText !== undefined && parsePolicyData(dataText) !== undefined;
  if (engine === "auto" && isEmbedded) {
    const { PolicyEngine } = await import("../rego/policy-engine.ts");
    const policies = await PolicyEngine.load();
    return {
      rules: "embedded",
      session: policies.open(dataText),
      kinds: policies.kinds,
      isLenient: false,
      misreadWords: [],
    };
  }
  const { openRegorusSession } = await import("../rego/regorus/regorus-session.ts");
  const session = await openRegorusSession(text, { engine: engine === "guest" ? "guest" : "current", syntax });
  const kinds = session.declared(Object.keys(REQUEST_SHAPES));
  const misreadWords = session.declared(MISREAD_WORDS);
  return { rules: isEmbedded ? "embedded" : "other", session, kinds, isLenient: session.isLenient, misreadWords };
}
