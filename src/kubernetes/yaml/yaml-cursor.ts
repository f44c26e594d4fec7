/** Thrown by the fast reader at anything it does not cover; the strict reader then takes the document. */
export class UncommonYaml extends Error {}

/** Gives the document to the strict reader. @throws UncommonYaml always */
export function uncommon(): never {
  throw new UncommonYaml();
}

/** Character codes that the parts of the fast reader share. */
export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const HASH = 0x23;
export const DASH = 0x2d;
export const COLON = 0x3a;

/** Longest key that the Kubernetes reader accepts on one line. */
export const MAX_KEY_CHARACTERS = 1024;

const MAX_MEMBERS = 1_000_000;

/** Position of the fast reader inside one document of a stream. */
export class YamlCursor {
  readonly text: string;
  /** Offset where the document ends. */
  readonly end: number;
  pos: number;
  /** Offset of the line on which `pos` stands; kept up by `toContent`. */
  lineStart: number;
  #members = 0;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.pos = start;
    this.lineStart = start;
    this.end = end;
  }

  /** Counts one entry or item; documents with too many are left to the strict reader, which bounds their size. */
  count(): void {
    if (++this.#members > MAX_MEMBERS) uncommon();
  }

  /** Code at an offset; 0 at and after the end of the document. */
  at(offset: number): number {
    return offset < this.end ? this.text.charCodeAt(offset) : 0;
  }

  /** Offset of the line break of the line (of `\r` in `\r\n`), or the end of the document. */
  lineEnd(offset: number): number {
    const newline = this.text.indexOf("\n", offset);
    if (newline === -1 || newline >= this.end) return this.end;
    return newline > offset && this.text.charCodeAt(newline - 1) === CARRIAGE_RETURN ? newline - 1 : newline;
  }

  /** Whether a space or the end of a line or of the document stands at the offset. */
  isBreakOrSpace(offset: number): boolean {
    const code = this.at(offset);
    return (
      code === SPACE || code === NEWLINE || code === 0 || (code === CARRIAGE_RETURN && this.at(offset + 1) === NEWLINE)
    );
  }

  /** Skips spaces on the line. */
  skipSpaces(): void {
    while (this.at(this.pos) === SPACE) this.pos++;
  }

  /** From just after a token: requires nothing but spaces and a comment up to the end of the line. */
  finishLine(): void {
    const spaced = this.at(this.pos) === SPACE;
    this.skipSpaces();
    const code = this.at(this.pos);
    if (code === NEWLINE || code === 0) return;
    if (code === HASH && spaced) this.pos = this.lineEnd(this.pos);
    else if (code !== CARRIAGE_RETURN || this.at(this.pos + 1) !== NEWLINE) uncommon();
  }

  /**
   * Skips line breaks, blank lines and comment lines from the end of a line to the next content.
   *
   * @returns its column, or -1 at the end of the document
   */
  toContent(): number {
    for (;;) {
      let code = this.at(this.pos);
      if (code === CARRIAGE_RETURN) code = this.at(++this.pos);
      if (code === NEWLINE) this.lineStart = ++this.pos;
      else if (code === 0) return -1;
      this.skipSpaces();
      code = this.at(this.pos);
      if (code === HASH) this.pos = this.lineEnd(this.pos);
      else if (code === TAB) uncommon();
      else if (code !== NEWLINE && code !== CARRIAGE_RETURN) return code === 0 ? -1 : this.pos - this.lineStart;
    }
  }
}
