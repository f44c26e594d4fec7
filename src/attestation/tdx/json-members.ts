import { ContrastError } from "../../lib/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";

/** Where a value stands in a text, in UTF-16 units; `end` is behind its last one. */
export interface JsonSpan {
  readonly begin: number;
  readonly end: number;
}

const QUOTATION_MARK = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Finds where the members of the outermost object stand, and refuses keys that stand twice in any object: parsers
 * disagree which one counts.
 *
 * @param text a JSON object
 * @param value what a parser made of it; of keys that stand twice it has only one
 * @returns the span of each member's value
 * @throws ContrastError `tdx/collateral-invalid` for repeated keys
 */
export function objectMembers(text: string, value: JsonObject): ReadonlyMap<string, JsonSpan> {
  const members = new Map<string, JsonSpan>();
  let depth = 0;
  let keys = 0;
  let string = { begin: 0, end: 0 };
  let member: { readonly name: string; readonly begin: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTATION_MARK: {
        const end = stringEnd(text, at);
        if (depth === 1) string = { begin: at, end };
        at = end - 1;
        break;
      }
      case COLON:
        // In valid JSON a colon outside of strings follows a key.
        keys++;
        if (depth === 1) member = { name: String(JSON.parse(text.slice(string.begin, string.end))), begin: at + 1 };
        break;
      case COMMA:
        if (depth === 1) addMember(members, member, text, at);
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        depth++;
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        if (depth === 1) addMember(members, member, text, at);
        depth--;
        break;
      default:
        break;
    }
  }
  if (keys !== keysIn(value)) {
    throw new ContrastError("tdx/collateral-invalid", "a key stands twice in one object");
  }
  return members;
}

/** How many keys all objects in a value have together. */
function keysIn(value: Json | undefined): number {
  let keys = 0;
  if (isJsonObject(value)) {
    for (const key in value) keys += 1 + keysIn(value[key]);
  } else if (Array.isArray(value)) {
    const elements: readonly Json[] = value;
    for (const element of elements) keys += keysIn(element);
  }
  return keys;
}

/** @param end where the comma or brace behind the value stands */
function addMember(
  members: Map<string, JsonSpan>,
  member: { readonly name: string; readonly begin: number } | undefined,
  text: string,
  end: number,
): void {
  if (member === undefined) return;
  const value = text.slice(member.begin, end);
  const begin = member.begin + value.length - value.trimStart().length;
  members.set(member.name, { begin, end: begin + value.trim().length });
}

/** The index behind the closing quotation mark of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === QUOTATION_MARK) return index + 1;
    if (character === BACKSLASH) index++;
  }
  return text.length;
}
