/** Lines between two remembered ones; keeps the index small for files of nothing but line breaks. */
const STRIDE = 256;

/** Turns offsets of a text into lines and columns, both from 1; columns count characters. */
export class LinePositions {
  readonly #text: string;
  /** Where every `STRIDE`th line begins. */
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Line and column of an offset. */
  position(offset: number): { readonly line: number; readonly column: number } {
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
    const before = this.#text.slice(start, offset).replace(/^\uFEFF/, "");
    return { line, column: Array.from(before).length + 1 };
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
