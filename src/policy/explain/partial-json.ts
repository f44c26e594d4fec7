import type { Path } from "../../kubernetes/path.ts";
import type { Json } from "../../lib/json.ts";

/** What could be read of a JSON value that somebody may have cut or wrapped. */
export interface PartialJson {
  readonly value: Json;
  /** Way to what was being read where the text ended or stopped being JSON; undefined for a complete value. */
  readonly cut: Path | undefined;
  /** Index behind the last character that was read. */
  readonly end: number;
}

/** Deeper nesting counts as the end of what can be read; requests are about ten levels deep. */
const MAX_DEPTH = 64;

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "0": "\0" };

/** A line break and what terminals, test frameworks and mail programs put before the next line. */
const WRAP = /\r?\n[ \t]*(?:[#>|][ \t]*)?/y;

/**
 * Reads the JSON object or list that begins at an index. Members that were read whole are kept where the text ends too
 * early; a text or number that is cut is left out, because its value is not known. A line break inside a text, which
 * JSON does not allow, was made by something that wraps lines and is dropped.
 *
 * @param start index of `{` or `[`
 */
export function parsePartialJson(text: string, start: number): PartialJson {
  const reader = new PartialReader(text, start);
  const value = reader.value(0) ?? null;
  return { value, cut: reader.cut, end: reader.position };
}

class PartialReader {
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  position: number;
  cut: Path | undefined;

  constructor(text: string, start: number) {
    this.#text = text;
    this.position = start;
  }

  /** The value at the position, or undefined where nothing whole stands there. */
  value(depth: number): Json | undefined {
    this.#skipSpace();
    const character = this.#text[this.position];
    if (depth >= MAX_DEPTH) return this.#stop();
    if (character === "{") return this.#object(depth);
    if (character === "[") return this.#list(depth);
    if (character === '"') return this.#string();
    return this.#word();
  }

  #object(depth: number): Json {
    const members: [string, Json][] = [];
    this.position++;
    for (let next = this.#peek(); next !== "}"; next = this.#peek()) {
      if (members.length > 0 && !this.#take(",")) break;
      this.#skipSpace();
      const key = this.#text[this.position] === '"' ? this.#string() : this.#stop();
      if (key === undefined || !this.#take(":")) break;
      this.#member(members, key, depth);
      if (this.cut !== undefined) return Object.fromEntries(members);
    }
    if (this.cut === undefined) this.position++;
    return Object.fromEntries(members);
  }

  #member(members: [string, Json][], key: string, depth: number): void {
    this.#path.push(key);
    const value = this.value(depth + 1);
    if (value !== undefined) members.push([key, value]);
    this.#path.pop();
  }

  #list(depth: number): Json {
    const items: Json[] = [];
    this.position++;
    for (let next = this.#peek(); next !== "]"; next = this.#peek()) {
      if (items.length > 0 && !this.#take(",")) break;
      this.#path.push(items.length);
      const value = this.value(depth + 1);
      if (value !== undefined) items.push(value);
      this.#path.pop();
      if (this.cut !== undefined) return items;
    }
    if (this.cut === undefined) this.position++;
    return items;
  }

  #string(): string | undefined {
    let result = "";
    let from = ++this.position;
    for (;;) {
      const character = this.#text[this.position];
      if (character === undefined) return this.#stop();
      if (character === '"') return result + this.#text.slice(from, this.position++);
      if (character !== "\\" && character !== "\n" && character !== "\r") {
        this.position++;
        continue;
      }
      result += this.#text.slice(from, this.position);
      const piece = character === "\\" ? this.#escape() : this.#unwrap();
      if (piece === undefined) return this.#stop();
      result += piece;
      from = this.position;
    }
  }

  /** The character that an escape stands for; also in the form of Rust, with braces. */
  #escape(): string | undefined {
    const letter = this.#text[this.position + 1];
    if (letter === undefined) return undefined;
    if (letter !== "u") {
      this.position += 2;
      return ESCAPES[letter] ?? letter;
    }
    ESCAPED_CODE.lastIndex = this.position;
    const [whole = "", plain, braced] = ESCAPED_CODE.exec(this.#text) ?? [];
    const code = Number.parseInt(plain ?? braced ?? "", 16);
    if (Number.isNaN(code) || code > 0x10_ff_ff) return undefined;
    this.position += whole.length;
    return plain === undefined ? String.fromCodePoint(code) : String.fromCharCode(code);
  }

  #unwrap(): string {
    WRAP.lastIndex = this.position;
    this.position += WRAP.exec(this.#text)?.[0].length ?? 1;
    return "";
  }

  /** A number, `true`, `false` or `null`; what reaches the end of the text may be the beginning of another one. */
  #word(): Json | undefined {
    WORD.lastIndex = this.position;
    const word = WORD.exec(this.#text)?.[0] ?? "";
    if (word === "" || this.position + word.length >= this.#text.length) return this.#stop();
    if (word === "true" || word === "false" || word === "null") {
      this.position += word.length;
      return word === "null" ? null : word === "true";
    }
    if (!NUMBER.test(word)) return this.#stop();
    this.position += word.length;
    return Number(word);
  }

  #peek(): string | undefined {
    if (this.cut !== undefined) return undefined;
    this.#skipSpace();
    return this.#text[this.position];
  }

  #take(character: "," | ":"): boolean {
    this.#skipSpace();
    if (this.#text[this.position] !== character) {
      this.#stop();
      return false;
    }
    this.position++;
    return true;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.position;
    this.position += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #stop(): undefined {
    this.cut ??= [...this.#path];
    return undefined;
  }
}

const ESCAPED_CODE = /\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/y;
const SPACE = /(?:[ \t\r]|\n[ \t]*(?:[#>|][ \t])?)*/y;
const WORD = /[A-Za-z0-9+.-]{1,64}/y;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
