import { unicodeEscape } from "../unicode-escape.ts";
import type { JsonNode } from "./go-json-node.ts";

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
const ESCAPED = /["\\<>&\u0000-\u001f\u2028\u2029]/g;

/**
 * Renders a value as `json.MarshalIndent(value, "", "  ")` of Go does: two spaces for each level, HTML characters and
 * U+2028/U+2029 escaped, everything else as UTF-8. Members keep the order they have; no newline at the end.
 *
 * @see Go encoding/json indent.go, encode.go appendString
 */
export function renderGoJson(node: JsonNode): string {
  const parts: string[] = [];
  append(parts, node, "\n");
  return parts.join("");
}

/** @param newline the newline and the indentation of the line that holds the closing bracket */
function append(parts: string[], node: JsonNode, newline: string): void {
  const inner = `${newline}  `;
  switch (node.kind) {
    case "null":
      parts.push("null");
      return;
    case "boolean":
      parts.push(String(node.value));
      return;
    case "number":
      parts.push(node.literal);
      return;
    case "string":
      parts.push(quoteGoJson(node.value));
      return;
    case "array": {
      for (const [index, item] of node.items.entries()) {
        parts.push(index === 0 ? "[" : ",", inner);
        append(parts, item, inner);
      }
      parts.push(node.items.length === 0 ? "[]" : `${newline}]`);
      return;
    }
    case "object": {
      for (const [index, [name, value]] of node.members.entries()) {
        parts.push(index === 0 ? "{" : ",", inner, quoteGoJson(name), ": ");
        append(parts, value, inner);
      }
      parts.push(node.members.length === 0 ? "{}" : `${newline}}`);
    }
  }
}

/** A string literal as Go writes it with HTML escaping on. */
function quoteGoJson(text: string): string {
  return `"${text.toWellFormed().replace(ESCAPED, (character) => SHORT_ESCAPES.get(character) ?? unicodeEscape(character))}"`;
}
