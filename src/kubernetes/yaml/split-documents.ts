/** One part of a stream that holds at most one document. */
export interface DocumentRange {
  /** Where the part begins: at `---`, at directives in front of it, or after the document before. */
  readonly start: number;
  /** Where the first line after a bare `---` begins; undefined when something stands on that line, or directives before. */
  readonly body: number | undefined;
  /** Where the text of the document ends, before `...`. */
  readonly bodyEnd: number;
  /** Where the part ends, after `...`. */
  readonly end: number;
}

const BARE_MARKER = /---[ ]*(?:[ ]#[^\n]*)?\r?(?:\n|$)/y;
const DIRECTIVES_ONLY = /^(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n)*$/;

/**
 * Cuts a stream at its document markers. A line that begins with `---` or `...` and a space or line break is a marker
 * wherever it stands, also inside quotes and blocks, so no parsing is needed.
 *
 * @param start offset of the first character, 1 after a byte-order mark
 */
export function* splitDocuments(text: string, start: number): Generator<DocumentRange> {
  let begin = start;
  let directives = false;
  let dashes = nextMarker(text, "---", begin);
  let dots = nextMarker(text, "...", begin);
  while (dashes !== -1 || dots !== -1) {
    if (dots === -1 || (dashes !== -1 && dashes < dots)) {
      const before = text.slice(begin, Math.min(dashes, begin + 4096));
      const wereDirectives = directives;
      directives = before.includes("%") && DIRECTIVES_ONLY.test(before);
      if (!directives && dashes > begin) {
        yield rangeOf(text, begin, dashes, dashes, wereDirectives);
        begin = dashes;
      }
      dashes = nextMarker(text, "---", dashes + 3);
    } else {
      const newline = text.indexOf("\n", dots);
      const end = newline === -1 ? text.length : newline + 1;
      yield rangeOf(text, begin, dots, end, directives);
      directives = false;
      begin = end;
      dots = nextMarker(text, "...", dots + 3);
    }
  }
  if (begin < text.length) yield rangeOf(text, begin, text.length, text.length, directives);
}

function rangeOf(text: string, start: number, bodyEnd: number, end: number, directives: boolean): DocumentRange {
  if (directives) return { start, body: undefined, bodyEnd, end };
  if (!isMarker(text, start, "---")) return { start, body: start, bodyEnd, end };
  BARE_MARKER.lastIndex = start;
  return { start, body: BARE_MARKER.test(text) ? BARE_MARKER.lastIndex : undefined, bodyEnd, end };
}

function nextMarker(text: string, marker: string, from: number): number {
  if (from <= 1 && isMarker(text, from, marker)) return from;
  const search = `\n${marker}`;
  for (let at = text.indexOf(search, Math.max(0, from - 1)); at !== -1; at = text.indexOf(search, at + 1)) {
    if (isMarker(text, at + 1, marker)) return at + 1;
  }
  return -1;
}

function isMarker(text: string, offset: number, marker: string): boolean {
  if (!text.startsWith(marker, offset)) return false;
  const next = text[offset + 3];
  return next === undefined || next === "\n" || next === "\r" || next === " " || next === "\t";
}
