import { unicodeEscape } from "./unicode-escape.ts";

/**
 * Control characters, the marks that reorder text on a screen, and Unicode's own line breaks; an ordinary line break and
 * a tab are harmless.
 */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes text from an untrusted source safe to show on a terminal: what could move the cursor, change colours or
 * reorder the line is written as `\u001b` and the like. The form is also valid inside a JSON string.
 */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, unicodeEscape);
}
