import { type Json, isJsonObject, parseJson } from "../lib/json.ts";
import type { DecidingSession } from "../rego/deciding-session.ts";
import { splitPolicyText } from "../rego/policy-text.ts";
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
  const isEmbedded = rules === rulesText() && dataText !== undefined && isPlainData(dataText);
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

/** An object in JSON, in which no object names a member twice: Rego and JSON readers take such texts differently. */
function isPlainData(text: string): boolean {
  try {
    const value: Json = parseJson(text, "policy data");
    return isJsonObject(value) && countMembers(value) === countColons(text);
  } catch {
    return false;
  }
}

/** Members of all objects in a value. */
function countMembers(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = isJsonObject(value) ? Object.keys(value).length : 0;
  return Object.values(value).reduce<number>((sum, member) => sum + countMembers(member), own);
}

/** Colons outside of texts: one for each member that is written. */
function countColons(text: string): number {
  let count = 0;
  let isInText = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (isInText) {
      if (character === 0x5c) index++;
      else if (character === 0x22) isInText = false;
    } else if (character === 0x22) isInText = true;
    else if (character === 0x3a) count++;
  }
  return count;
}
