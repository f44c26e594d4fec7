/** Lines between two remembered ones; keeps the index small for files of nothing but line breaks. */
const STRIDE = 256;

const PAIR = /[\uD800-\uDBFF]/;

/** Line and column of a character, both from 1; columns count characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets of a text into lines and columns, both from 1; columns count characters. */
export class LinePositions {
  readonly #text: string;
  /** Where every `STRIDE`th line begins. */
  #starts: number[] | undefined;
  /** Whether any character of the text takes two units. */
  #hasPairs: boolean | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Line and column of an offset. */
  position(offset: number): Position {
    this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    let start = this.#starts[low] ?? 0;
    let line = low * STRIDE + 1;
    for (let newline = this.#text.indexOf("\n", start); newline !== -1 && newline < offset; line++) {
      start = newline + 1;
      newline = this.#text.indexOf("\n", start);
    }
    if (start === 0 && offset > 0 && this.#text.startsWith("\uFEFF")) start = 1;
    return { line, column: offset - start - this.#pairsBetween(start, offset) + 1 };
  }

  /** How many characters of a range take two units. */
  #pairsBetween(start: number, end: number): number {
    // A file of one long line is asked for many places, so the line must not be copied each time.
    this.#hasPairs ??= PAIR.test(this.#text);
    if (!this.#hasPairs) return 0;
    let pairs = 0;
    for (let index = start; index < end - 1; index++) {
      const code = this.#text.codePointAt(index) ?? 0;
      if (code <= 0xffff) continue;
      pairs++;
      index++;
    }
    return pairs;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  let line = 0;
  for (let newline = text.indexOf("\n"); newline !== -1; newline = text.indexOf("\n", newline + 1)) {
    if (++line % STRIDE === 0) starts.push(newline + 1);
  }
  return starts;
}
