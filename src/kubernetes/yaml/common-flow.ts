import { readQuoted, startsPlain } from "./common-scalars.ts";
import { absentNode, type MapEntry, type ScalarNode, type SequenceItem, type YamlNode } from "../yaml-node.ts";
import {
  COLON,
  CARRIAGE_RETURN,
  HASH,
  MAX_KEY_CHARACTERS,
  NEWLINE,
  SPACE,
  TAB,
  uncommon,
  type YamlCursor,
} from "./yaml-cursor.ts";

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
const MAX_DEPTH = 40;

function isFlowIndicator(code: number): boolean {
  return code === COMMA || code === OPEN_LIST || code === CLOSE_LIST || code === OPEN_MAP || code === CLOSE_MAP;
}

/**
 * Reads a flow list or map whose scalars stand on one line each; the cursor stands at its bracket and ends behind it.
 *
 * @param parentIndent column of the block collection that holds it; lines inside must be deeper
 */
export function readFlow(cursor: YamlCursor, parentIndent: number, depth = 0): YamlNode {
  if (depth > MAX_DEPTH) uncommon();
  const start = cursor.pos++;
  const isMap = cursor.text.charCodeAt(start) === OPEN_MAP;
  const close = isMap ? CLOSE_MAP : CLOSE_LIST;
  const entries: MapEntry[] = [];
  const items: SequenceItem[] = [];
  for (;;) {
    skipFlowSpace(cursor, parentIndent);
    if (cursor.at(cursor.pos) === close) break;
    cursor.count();
    if (isMap) entries.push(readFlowEntry(cursor, parentIndent, depth));
    else items.push({ dash: -1, value: readFlowValue(cursor, parentIndent, depth) });
    skipFlowSpace(cursor, parentIndent);
    const code = cursor.at(cursor.pos);
    if (code === COMMA) cursor.pos++;
    else if (code !== close) uncommon();
  }
  const end = ++cursor.pos;
  const position = { outer: start, start, end };
  return isMap
    ? { kind: "map", flow: true, entries, ...position }
    : { kind: "sequence", flow: true, items, ...position };
}

function readFlowEntry(cursor: YamlCursor, parentIndent: number, depth: number): MapEntry {
  const code = cursor.at(cursor.pos);
  const quoted = code === 0x22 || code === 0x27;
  const key = quoted ? readQuoted(cursor) : readFlowPlain(cursor);
  if (key.end - key.start > MAX_KEY_CHARACTERS || key.text === "<<") uncommon();
  cursor.skipSpaces();
  const colon = cursor.pos;
  if (cursor.at(colon) !== COLON) return { key, value: absentNode(key.end), colon: -1, unusual: false };
  cursor.pos++;
  if (!quoted && !cursor.isBreakOrSpace(cursor.pos)) uncommon();
  skipFlowSpace(cursor, parentIndent);
  const after = cursor.at(cursor.pos);
  if (after === COMMA || after === CLOSE_MAP) return { key, value: absentNode(colon + 1), colon, unusual: false };
  return { key, value: readFlowValue(cursor, parentIndent, depth), colon, unusual: false };
}

function readFlowValue(cursor: YamlCursor, parentIndent: number, depth: number): YamlNode {
  const code = cursor.at(cursor.pos);
  if (code === OPEN_LIST || code === OPEN_MAP) return readFlow(cursor, parentIndent, depth + 1);
  return code === 0x22 || code === 0x27 ? readQuoted(cursor) : readFlowPlain(cursor);
}

function readFlowPlain(cursor: YamlCursor): ScalarNode {
  const { text, pos: start } = cursor;
  const first = cursor.at(start);
  if (!startsPlain(first) || first === 0x3f) uncommon();
  if (first === 0x2d || first === COLON) {
    if (cursor.isBreakOrSpace(start + 1) || isFlowIndicator(cursor.at(start + 1))) uncommon();
  }
  let end = start;
  for (let offset = start; ; offset++) {
    const code = cursor.at(offset);
    if (code === NEWLINE || code === CARRIAGE_RETURN || code === COMMA || code === CLOSE_LIST || code === CLOSE_MAP)
      break;
    if (code === 0 || code === OPEN_LIST || code === OPEN_MAP || code === TAB) uncommon();
    if (code === COLON && (cursor.isBreakOrSpace(offset + 1) || isFlowIndicator(cursor.at(offset + 1)))) break;
    if (code === HASH && cursor.at(offset - 1) === SPACE) break;
    if (code !== SPACE) end = offset + 1;
  }
  cursor.pos = end;
  return { kind: "scalar", style: "plain", text: text.slice(start, end), outer: start, start, end };
}

/** Skips spaces, line breaks and comments between the tokens of a flow collection. */
function skipFlowSpace(cursor: YamlCursor, parentIndent: number): void {
  const before = cursor.pos;
  cursor.skipSpaces();
  const code = cursor.at(cursor.pos);
  if (code === NEWLINE || code === CARRIAGE_RETURN || code === HASH) {
    if (code === HASH && cursor.pos === before) uncommon();
    if (code === HASH) cursor.pos = cursor.lineEnd(cursor.pos);
    if (cursor.toContent() <= parentIndent) uncommon();
  } else if (code === TAB || code === 0) uncommon();
}
