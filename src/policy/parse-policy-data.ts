import { ContrastError } from "../lib/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../lib/json.ts";

/**
 * Parses the value of `policy_data` as a generator writes it: an object in JSON, in which no object names a member twice.
 * Which of two values of one name counts is up to the reader, so that this program and a guest could see different
 * policies.
 *
 * @returns undefined for any other text, which only an engine for Rego may interpret
 */
export function parsePolicyData(text: string): JsonObject | undefined {
  try {
    const json = parseJson(text, "policy data");
    return isJsonObject(json) && countMembers(json) === countColons(text) ? json : undefined;
  } catch (error) {
    if (error instanceof ContrastError) return undefined;
    throw error;
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
