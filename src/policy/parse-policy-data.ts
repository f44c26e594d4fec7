import { ContrastError } from "../lib/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../lib/json.ts";

/** Twice as deep as any generator nests; guests need time that doubles with each level. */
const LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 16 };

/** A line break that Rego does not know. */
const BARE_RETURN = /\r(?!\n)/;

/**
 * Parses the value of `policy_data` as a generator writes it: an object in JSON, in which no object names a member twice.
 * Which of two values of one name counts is up to the reader, so that this program and a guest could see different
 * policies. Neither is anything taken that is JSON, but makes guests refuse the whole policy: numbers beyond all bounds,
 * halves of surrogate pairs, bare carriage returns.
 *
 * @returns undefined for any other text, which only an engine for Rego may interpret
 */
export function parsePolicyData(text: string): JsonObject | undefined {
  try {
    const json = parseJson(text, "policy data", LIMITS);
    if (!isJsonObject(json) || BARE_RETURN.test(text) || !isRegoTerm(json)) return undefined;
    return countMembers(json) === countColons(text) ? json : undefined;
  } catch (error) {
    if (error instanceof ContrastError) return undefined;
    throw error;
  }
}

/** Whether engines for Rego read the value from its text. */
function isRegoTerm(value: Json): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isRegoTerm(member));
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
