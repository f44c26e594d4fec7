import { ContrastError } from "../../lib/errors.ts";
import { quoteText } from "../../lib/quote-text.ts";

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
 * @param text a JSON object that was already parsed once
 * @returns the span of each member's value
 * @throws ContrastError `tdx/collateral-invalid` for repeated keys
 */
export function objectMembers(text: string): ReadonlyMap<string, JsonSpan> {
  const members = new Map<string, JsonSpan>();
  // The keys of each open object; undefined for an open array.
  const open: (Set<string> | undefined)[] = [];
  let string = { begin: 0, end: 0 };
  let member: { readonly name: string; readonly begin: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTATION_MARK:
        string = { begin: at, end: stringEnd(text, at) };
        at = string.end - 1;
        break;
      case COLON: {
        // In valid JSON a colon outside of strings follows a key.
        const name = addKey(open.at(-1), text.slice(string.begin, string.end));
        if (open.length === 1) member = { name, begin: at + 1 };
        break;
      }
      case COMMA:
        if (open.length === 1) addMember(members, member, text, at);
        break;
      case OPENING_BRACE:
        open.push(new Set());
        break;
      case OPENING_BRACKET:
        open.push(undefined);
        break;
      case CLOSING_BRACE:
        if (open.length === 1) addMember(members, member, text, at);
        open.pop();
        break;
      case CLOSING_BRACKET:
        open.pop();
        break;
      default:
        break;
    }
  }
  return members;
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

/** @param literal with its quotation marks; escapes are undone, so that no spelling hides a repetition */
function addKey(keys: Set<string> | undefined, literal: string): string {
  const name = literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
  if (keys?.has(name) === true) {
    throw new ContrastError("tdx/collateral-invalid", `the key ${quoteText(name)} stands twice in one object`);
  }
  keys?.add(name);
  return name;
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
