import { ContrastError } from "../errors.ts";

/**
 * A JSON value as it stands in a text: members in order with their duplicates, numbers as written.
 * `JSON.parse` loses both, and a reader that must agree with Go's `encoding/json` needs them.
 */
export type JsonNode =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly literal: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [name: string, value: JsonNode])[] };

/** Bounds of a text that somebody else wrote. */
export interface JsonNodeLimits {
  readonly maxCharacters: number;
  readonly maxDepth: number;
  readonly maxNodes: number;
}

/** Room for tens of thousands of policies, at a few hundred megabytes of values in the worst case. */
const DEFAULT_NODE_LIMITS: JsonNodeLimits = {
  maxCharacters: 16 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: 1_000_000,
};

const NULL: JsonNode = { kind: "null" };
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// Everything up to the next quote or escape; Go refuses raw control characters inside strings.
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/**
 * Parses one JSON text with the grammar of Go's `encoding/json`; lone surrogates become U+FFFD as there.
 *
 * @param text the complete document; anything after the value is refused
 * @param what named in messages, such as `manifest "manifest.json"`
 * @throws ContrastError `lib/json-invalid`
 * @see Go encoding/json scanner.go
 */
export function parseJsonNode(text: string, what: string, limits: JsonNodeLimits = DEFAULT_NODE_LIMITS): JsonNode {
  if (text.length > limits.maxCharacters) {
    throw new ContrastError(
      "lib/json-invalid",
      `Cannot read ${what}: got ${text.length} characters, limit ${limits.maxCharacters}`,
    );
  }
  return new NodeReader(text, what, limits).document();
}

class NodeReader {
  readonly #text: string;
  readonly #what: string;
  readonly #limits: JsonNodeLimits;
  #offset = 0;
  #nodes = 0;

  constructor(text: string, what: string, limits: JsonNodeLimits) {
    this.#text = text;
    this.#what = what;
    this.#limits = limits;
  }

  document(): JsonNode {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#offset < this.#text.length) throw this.#failure("trailing text after the value");
    return value;
  }

  #value(depth: number): JsonNode {
    if (depth > this.#limits.maxDepth) throw this.#failure(`nested deeper than ${this.#limits.maxDepth} levels`);
    if (++this.#nodes > this.#limits.maxNodes) throw this.#failure(`more than ${this.#limits.maxNodes} values`);
    this.#skipSpace();
    switch (this.#text.charAt(this.#offset)) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return { kind: "string", value: this.#string() };
      case "t":
        return this.#word("true", { kind: "boolean", value: true });
      case "f":
        return this.#word("false", { kind: "boolean", value: false });
      case "n":
        return this.#word("null", NULL);
      default:
        return { kind: "number", literal: this.#number() };
    }
  }

  #object(depth: number): JsonNode {
    const members: [string, JsonNode][] = [];
    this.#offset++;
    if (this.#accept("}")) return { kind: "object", members };
    do {
      this.#skipSpace();
      if (this.#text[this.#offset] !== '"') throw this.#failure("expected a member name in double quotes");
      const name = this.#string();
      if (!this.#accept(":")) throw this.#failure('expected ":" after the member name');
      members.push([name, this.#value(depth + 1)]);
    } while (this.#accept(","));
    if (!this.#accept("}")) throw this.#failure('expected "," or "}" in the object');
    return { kind: "object", members };
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#offset++;
    if (this.#accept("]")) return { kind: "array", items };
    do items.push(this.#value(depth + 1));
    while (this.#accept(","));
    if (!this.#accept("]")) throw this.#failure('expected "," or "]" in the array');
    return { kind: "array", items };
  }

  #string(): string {
    const parts: string[] = [];
    this.#offset++;
    for (;;) {
      PLAIN_TEXT.lastIndex = this.#offset;
      const plain = PLAIN_TEXT.exec(this.#text)?.[0] ?? "";
      parts.push(plain);
      this.#offset += plain.length;
      const next = this.#text[this.#offset];
      if (next === '"') {
        this.#offset++;
        return parts.join("").toWellFormed();
      }
      if (next !== "\\") {
        throw this.#failure(next === undefined ? "the text ends inside a string" : "control character inside a string");
      }
      parts.push(this.#escape());
    }
  }

  #escape(): string {
    const letter = this.#text[this.#offset + 1] ?? "";
    const simple = ESCAPES.get(letter);
    if (simple !== undefined) {
      this.#offset += 2;
      return simple;
    }
    const digits = this.#text.slice(this.#offset + 2, this.#offset + 6);
    if (letter !== "u" || !/^[0-9A-Fa-f]{4}$/.test(digits)) throw this.#failure("unknown escape inside a string");
    this.#offset += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): string {
    NUMBER.lastIndex = this.#offset;
    const literal = NUMBER.exec(this.#text)?.[0];
    if (literal === undefined) {
      throw this.#failure(
        this.#offset < this.#text.length ? "expected a value" : "the text ends where a value is expected",
      );
    }
    this.#offset += literal.length;
    return literal;
  }

  #word(word: string, node: JsonNode): JsonNode {
    if (!this.#text.startsWith(word, this.#offset)) throw this.#failure("expected a value");
    this.#offset += word.length;
    return node;
  }

  #accept(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#offset] !== character) return false;
    this.#offset++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#offset++;
    }
  }

  #failure(fact: string): ContrastError {
    const before = this.#text.slice(0, this.#offset).split("\n");
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    return new ContrastError("lib/json-invalid", `Cannot read ${this.#what}: line ${line}, column ${column}: ${fact}`, {
      details: { line, column },
    });
  }
}
