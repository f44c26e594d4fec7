import { ContrastError } from "../../lib/errors.ts";
import { quoteText } from "../../lib/quote-text.ts";

/** Where a value stands in a text, in UTF-16 units; `end` is behind its last one. */
export interface JsonSpan {
  readonly begin: number;
  readonly end: number;
}

interface OpenObject {
  readonly keys: Set<string>;
}

const WHITE_SPACE = new Set([" ", "\t", "\n", "\r"]);

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
  // One entry for each open object or array; undefined is an array.
  const open: (OpenObject | undefined)[] = [];
  let key = "";
  let begin = 0;
  let at = 0;
  const closeMember = (end: number): void => {
    if (open.length === 1 && key !== "") members.set(key, { begin, end: trimmedEnd(text, begin, end) });
  };
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      const end = stringEnd(text, at);
      const top = open.at(-1);
      const next = skipWhiteSpace(text, end);
      if (top !== undefined && text[next] === ":") {
        const name = addKey(top, text.slice(at, end));
        at = next + 1;
        if (open.length === 1) {
          key = name;
          begin = skipWhiteSpace(text, at);
        }
      } else {
        at = end;
      }
      continue;
    }
    if (character === "{" || character === "[") open.push(character === "{" ? { keys: new Set() } : undefined);
    if (character === "," || character === "}") closeMember(at);
    if (character === "}" || character === "]") open.pop();
    at++;
  }
  return members;
}

/** @param literal with its quotation marks; escapes are undone, so that no spelling hides a repetition */
function addKey(object: OpenObject, literal: string): string {
  const name = literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
  if (object.keys.has(name)) {
    throw new ContrastError("tdx/collateral-invalid", `the key ${quoteText(name)} stands twice in one object`);
  }
  object.keys.add(name);
  return name;
}

/** The index behind the closing quotation mark of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  let index = at + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function skipWhiteSpace(text: string, at: number): number {
  let index = at;
  while (WHITE_SPACE.has(text[index] ?? "")) index++;
  return index;
}

function trimmedEnd(text: string, begin: number, end: number): number {
  let index = end;
  while (index > begin && WHITE_SPACE.has(text[index - 1] ?? "")) index--;
  return index;
}
