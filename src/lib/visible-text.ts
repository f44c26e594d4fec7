import { unicodeEscape } from "./unicode-escape.ts";

/** Nothing to escape, as in nearly all texts; tried first because it is fast. */
const PLAIN = /^[\t\n -~]*$/;

/**
 * Control characters, marks that reorder text on a screen, Unicode's own line breaks, halves of pairs, and everything that
 * takes no room, so that two different texts would look the same. An ordinary line break and a tab are harmless, and so is
 * the mark that makes a sign colourful.
 */
const UNSAFE =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}](?<!\p{Extended_Pictographic}\u{fe0f})/gu;

/**
 * Makes text from an untrusted source safe to show on a terminal: what could move the cursor, change colours, reorder the
 * line or hide in it is written as `\u001b` and the like. The form is also valid inside a JSON string.
 */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (character) => character.split("").map(unicodeEscape).join(""));
}

/** Like `visibleText()`, on one line: what an untrusted source wrote cannot look like a line of ours. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
