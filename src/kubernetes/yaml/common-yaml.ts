import { readFlow } from "./common-flow.ts";
import { findKeyColon, readLiteral, readPlain, readQuoted, startsPlain } from "./common-scalars.ts";
import { absentNode, type MapEntry, type ScalarNode, type SequenceItem, type YamlNode } from "../yaml-node.ts";
import { COLON, DASH, MAX_KEY_CHARACTERS, UncommonYaml, uncommon, YamlCursor } from "./yaml-cursor.ts";

const MAX_DEPTH = 60;

/**
 * Reads one document that is written as nearly all Kubernetes manifests are: block maps and lists, one-line scalars,
 * literal blocks, flow collections. Whatever it accepts it reads exactly as the strict reader does
 * (tests/kubernetes/yaml/common-yaml.test.ts compares them); at anything else it gives up, which is not an error.
 *
 * About ten times as fast as the strict reader, which is what makes a thousand Deployments cheap.
 *
 * @param start offset of the first line of the document, after `---`
 * @param end offset where the document ends, before `---` or `...`
 * @returns undefined when the strict reader has to take the document
 */
export function readCommonYaml(text: string, start: number, end: number): YamlNode | undefined {
  try {
    const cursor = new YamlCursor(text, start, end);
    // The first line has no line break before it, so the search for content starts on it.
    const column = cursor.toContent();
    if (column === -1) return absentNode(start);
    const root = readRoot(cursor, column);
    if (cursor.toContent() !== -1) uncommon();
    return root;
  } catch (error) {
    if (error instanceof UncommonYaml) return undefined;
    throw error;
  }
}

/** Reads the root of a document; a document in braces is JSON. */
function readRoot(cursor: YamlCursor, column: number): YamlNode {
  const code = cursor.at(cursor.pos);
  if (code !== 0x5b && code !== 0x7b) return readBlock(cursor, column, 0);
  const root = readFlow(cursor, -1);
  cursor.finishLine();
  return root;
}

/** Reads a block map or list whose first token stands at the cursor. */
function readBlock(cursor: YamlCursor, column: number, depth: number): YamlNode {
  if (depth > MAX_DEPTH) uncommon();
  if (startsItem(cursor)) return readSequence(cursor, column, depth);
  const key = tryKey(cursor);
  return key === undefined ? uncommon() : readMap(cursor, column, key, depth);
}

function startsItem(cursor: YamlCursor): boolean {
  return cursor.at(cursor.pos) === DASH && cursor.isBreakOrSpace(cursor.pos + 1);
}

interface Key {
  readonly node: ScalarNode;
  readonly colon: number;
}

/** Reads a key and its colon, or nothing and leaves the cursor where it is. */
function tryKey(cursor: YamlCursor): Key | undefined {
  const start = cursor.pos;
  const code = cursor.at(start);
  if (code === 0x22 || code === 0x27) {
    const node = readQuoted(cursor);
    cursor.skipSpaces();
    const colon = cursor.pos;
    cursor.pos = start;
    if (cursor.at(colon) !== COLON) return undefined;
    if (!cursor.isBreakOrSpace(colon + 1) || colon - start > MAX_KEY_CHARACTERS) uncommon();
    return { node, colon };
  }
  if (!startsPlain(code)) return undefined;
  if ((code === DASH || code === 0x3f || code === COLON) && cursor.isBreakOrSpace(start + 1)) return undefined;
  const colon = findKeyColon(cursor);
  if (colon === -1) return undefined;
  const text = cursor.text.slice(start, colon).trimEnd();
  if (colon - start > MAX_KEY_CHARACTERS || text === "<<") uncommon();
  const end = start + text.length;
  return { node: { kind: "scalar", style: "plain", text, outer: start, start, end }, colon };
}

function readMap(cursor: YamlCursor, column: number, firstKey: Key, depth: number): YamlNode {
  const start = cursor.pos;
  const entries: MapEntry[] = [];
  let key = firstKey;
  for (;;) {
    cursor.count();
    cursor.pos = key.colon + 1;
    const value = readValue(cursor, column, key.colon + 1, true, depth);
    entries.push({ key: key.node, value, colon: key.colon, unusual: false });
    const next = cursor.toContent();
    if (next < column) return { kind: "map", flow: false, entries, outer: start, start, end: value.end };
    if (next > column || startsItem(cursor)) uncommon();
    key = tryKey(cursor) ?? uncommon();
  }
}

function readSequence(cursor: YamlCursor, column: number, depth: number): YamlNode {
  const start = cursor.pos;
  const items: SequenceItem[] = [];
  for (;;) {
    cursor.count();
    const dash = cursor.pos++;
    const value = readItem(cursor, column, depth);
    items.push({ dash, value });
    const next = cursor.toContent();
    if (next > column) uncommon();
    // A key at the column of the dashes continues the map around a list that is not indented.
    if (next < column || !startsItem(cursor)) {
      return { kind: "sequence", flow: false, items, outer: start, start, end: value.end };
    }
  }
}

/** Reads what follows a dash: a map or list that begins on its line, or a value as after a colon. */
function readItem(cursor: YamlCursor, column: number, depth: number): YamlNode {
  const after = cursor.pos;
  cursor.skipSpaces();
  const inner = cursor.pos - cursor.lineStart;
  if (startsItem(cursor)) return readBlock(cursor, inner, depth + 1);
  const key = tryKey(cursor);
  if (key !== undefined) return depth < MAX_DEPTH ? readMap(cursor, inner, key, depth + 1) : uncommon();
  cursor.pos = after;
  return readValue(cursor, column, after, false, depth);
}

/**
 * Reads the value after a colon or dash, leaving the cursor at the end of its last line.
 *
 * @param column of the collection that holds the value
 * @param absentAt where a value that is not written is placed
 * @param listMayAlign a list may start at the column of the keys of its map
 */
function readValue(
  cursor: YamlCursor,
  column: number,
  absentAt: number,
  listMayAlign: boolean,
  depth: number,
): YamlNode {
  cursor.skipSpaces();
  const code = cursor.at(cursor.pos);
  if (code === 0x7c) return readLiteral(cursor, column);
  if (code === 0x5b || code === 0x7b || code === 0x22 || code === 0x27) {
    const node = code === 0x5b || code === 0x7b ? readFlow(cursor, column) : readQuoted(cursor);
    cursor.finishLine();
    return node;
  }
  const blank = code === 0x0a || code === 0x0d || code === 0x23 || code === 0;
  if (!blank) {
    const node = readPlain(cursor);
    cursor.finishLine();
    return node;
  }
  cursor.pos = absentAt;
  cursor.finishLine();
  const before = cursor.pos;
  const beforeLine = cursor.lineStart;
  const next = cursor.toContent();
  if (next > column || (listMayAlign && next === column && startsItem(cursor)))
    return readBlock(cursor, next, depth + 1);
  cursor.pos = before;
  cursor.lineStart = beforeLine;
  return absentNode(absentAt);
}
