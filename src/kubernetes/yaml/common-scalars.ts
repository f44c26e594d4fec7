import type { ScalarNode, ScalarStyle } from "../yaml-node.ts";
import { CARRIAGE_RETURN, COLON, HASH, NEWLINE, SPACE, TAB, uncommon, type YamlCursor } from "./yaml-cursor.ts";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
  ["0", "\0"],
  ["a", "\x07"],
  ["v", "\v"],
  ["e", "\x1b"],
]);

function scalar(style: ScalarStyle, text: string, start: number, end: number): ScalarNode {
  return { kind: "scalar", style, text, outer: start, start, end };
}

/** Reads a quoted scalar that stands on one line; the cursor stands at its quote. */
export function readQuoted(cursor: YamlCursor): ScalarNode {
  return cursor.text.charCodeAt(cursor.pos) === 0x22 ? readDoubleQuoted(cursor) : readSingleQuoted(cursor);
}

function readDoubleQuoted(cursor: YamlCursor): ScalarNode {
  const { text, pos: start } = cursor;
  let close = text.indexOf('"', start + 1);
  if (close === -1 || close >= cursor.end) uncommon();
  let raw = text.slice(start + 1, close);
  const escaped = raw.includes("\\");
  if (escaped) {
    close = start + 1;
    while (cursor.at(close) !== 0x22) {
      if (close >= cursor.end) uncommon();
      close += cursor.at(close) === 0x5c ? 2 : 1;
    }
    raw = text.slice(start + 1, close);
  }
  if (raw.includes("\n")) uncommon();
  cursor.pos = close + 1;
  return scalar("double", escaped ? unescape(raw) : raw, start, cursor.pos);
}

function unescape(raw: string): string {
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gs, (_, unicode, hex, letter) => {
    if (letter !== undefined) return ESCAPES.get(letter) ?? uncommon();
    const code = Number.parseInt(unicode ?? hex, 16);
    return code >= 0xd800 && code <= 0xdfff ? uncommon() : String.fromCharCode(code);
  });
}

function readSingleQuoted(cursor: YamlCursor): ScalarNode {
  const { text, pos: start } = cursor;
  let close = text.indexOf("'", start + 1);
  while (close !== -1 && text.charCodeAt(close + 1) === 0x27) close = text.indexOf("'", close + 2);
  if (close === -1 || close >= cursor.end) uncommon();
  const raw = text.slice(start + 1, close);
  if (raw.includes("\n")) uncommon();
  cursor.pos = close + 1;
  return scalar("single", raw.includes("'") ? raw.replaceAll("''", "'") : raw, start, cursor.pos);
}

/** Whether a plain scalar may start with this character, followed by something that is not a space. */
export function startsPlain(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true;
  if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) return true;
  return !",[]{}#&*!|>'\"%@`".includes(String.fromCharCode(code)) && code > SPACE;
}

/** Reads a plain scalar up to the end of its line or a comment, in block context; the cursor ends behind it. */
export function readPlain(cursor: YamlCursor): ScalarNode {
  const { text, pos: start } = cursor;
  const code = cursor.at(start);
  if (!startsPlain(code)) uncommon();
  if ((code === 0x2d || code === 0x3f || code === COLON) && cursor.isBreakOrSpace(start + 1)) uncommon();
  let raw = text.slice(start, cursor.lineEnd(start));
  const comment = raw.indexOf(" #");
  if (comment !== -1) raw = raw.slice(0, comment);
  let length = raw.length;
  while (length > 0 && raw.charCodeAt(length - 1) === SPACE) length--;
  if (length < raw.length) raw = raw.slice(0, length);
  if (raw.includes(": ") || raw.charCodeAt(length - 1) === COLON || raw.includes("\t")) uncommon();
  cursor.pos = start + length;
  return scalar("plain", raw, start, cursor.pos);
}

/** Offset of the colon that ends a plain key beginning at the cursor, or -1 when the line holds no key. */
export function findKeyColon(cursor: YamlCursor): number {
  for (let offset = cursor.pos; ; offset++) {
    const code = cursor.at(offset);
    if (code === NEWLINE || code === 0) return -1;
    if (code === TAB || code === CARRIAGE_RETURN) {
      if (code === CARRIAGE_RETURN && cursor.at(offset + 1) === NEWLINE) return -1;
      uncommon();
    }
    if (code === COLON) {
      if (cursor.isBreakOrSpace(offset + 1)) return offset;
      if (cursor.at(offset + 1) === TAB) uncommon();
    }
    if (code === HASH && cursor.at(offset - 1) === SPACE) return -1;
  }
}

/**
 * Reads a literal block scalar with its indentation found from its first line; the cursor stands at `|`.
 *
 * @param parentIndent column of the map or list that holds it
 */
export function readLiteral(cursor: YamlCursor, parentIndent: number): ScalarNode {
  const { text, pos: start } = cursor;
  const chomp = cursor.text[start + 1];
  cursor.pos = chomp === "-" || chomp === "+" ? start + 2 : start + 1;
  cursor.finishLine();
  let offset = nextLine(cursor, cursor.pos);
  let indent = -1;
  let lines: string[] = [];
  let contentLines = 0;
  let end = offset;
  while (offset < cursor.end) {
    const lineEnd = cursor.lineEnd(offset);
    let first = offset;
    while (first < lineEnd && text.charCodeAt(first) === SPACE) first++;
    const column = first - offset;
    if (first === lineEnd) {
      // A blank line deeper than the text that follows is an error that the strict reader explains.
      if (indent === -1 && column > 0) uncommon();
      lines.push(indent === -1 || column <= indent ? "" : text.slice(offset + indent, lineEnd));
      if (indent !== -1 && column > indent) {
        contentLines = lines.length;
        end = nextLine(cursor, lineEnd);
      }
    } else {
      if (indent === -1 && column > parentIndent) indent = column;
      if (indent === -1 || column < indent) break;
      lines.push(text.slice(offset + indent, lineEnd));
      contentLines = lines.length;
      end = nextLine(cursor, lineEnd);
    }
    offset = nextLine(cursor, lineEnd);
  }
  // Without text or without a final line break the readers of YAML differ in detail.
  if (contentLines === 0 || text.charCodeAt(end - 1) !== NEWLINE) uncommon();
  if (chomp === "+") end = offset;
  else lines = lines.slice(0, contentLines);
  cursor.pos = end;
  cursor.lineStart = end;
  return scalar("literal", lines.join("\n") + (chomp === "-" ? "" : "\n"), start, end);
}

function nextLine(cursor: YamlCursor, lineEnd: number): number {
  const offset = cursor.at(lineEnd) === CARRIAGE_RETURN ? lineEnd + 1 : lineEnd;
  return Math.min(offset + 1, cursor.end);
}
