import type { Value } from "../../src/kubernetes/value.ts";

/** Small deterministic source of choices, so that one number reproduces a document. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to `count` - 1. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

const KEYS = [
  "name",
  "image",
  "env",
  "yes",
  "0644",
  "a.b/c",
  "with space",
  "data",
  "x",
  "y",
  "constructor",
  "12",
  "args",
  "-k",
  "~",
];
const TEXTS = [
  "a",
  "web",
  "yes",
  "0644",
  "1_000",
  "12:30",
  "",
  " lead",
  "trail ",
  "a: b",
  "a #b",
  "#",
  "it's",
  'say "hi"',
  "back\\slash",
  "two\nlines",
  "three\nlines\n",
  "tab\there",
  "über",
  "2024-01-01",
  "*x",
  "&x",
  "!t",
  "- a",
  "null",
  "~",
  "{a}",
  "[b",
  "a,b",
  "some words in a row",
  "first second",
  "http://x:80/",
  "%d",
  "@at",
  "`",
  "|",
  ">",
  "\u2028",
  "null\n",
  "0x1F",
  ".5",
  "-",
  "--flag=1",
  "$(VAR)",
];

/** A random plain value. */
function randomValue(choices: Choices, depth = 0): Value {
  const kind = depth > 3 ? choices.below(4) : choices.below(9);
  if (kind <= 1) return choices.oneOf(TEXTS);
  if (kind === 2) return choices.oneOf([0, 1, -5, 8080, 1.5, 12345678901234567890n, 9007199254740993n]);
  if (kind === 3) return choices.oneOf([true, false, null]);
  if (kind <= 6) return randomMap(choices, depth);
  return Array.from({ length: choices.below(4) }, () =>
    choices.chance(50)
      ? { name: choices.oneOf(["app", "init", "mesh", "log"]), ...randomMap(choices, depth + 1) }
      : randomValue(choices, depth + 1),
  );
}

/** A random map. */
export function randomMap(choices: Choices, depth = 0): { [key: string]: Value } {
  const map: { [key: string]: Value } = {};
  for (let count = choices.below(5); count > 0; count--) map[choices.oneOf(KEYS)] = randomValue(choices, depth + 1);
  return map;
}

/** A value that differs from the given one in a few places. */
export function randomChange(choices: Choices, value: Value, depth = 0): Value {
  if (depth > 0 && choices.chance(12)) return randomValue(choices, depth);
  if (Array.isArray(value)) {
    const items = value
      .filter(() => !choices.chance(15))
      .map((item: Value) => (choices.chance(40) ? randomChange(choices, item, depth + 1) : item));
    if (choices.chance(30)) items.splice(choices.below(items.length + 1), 0, randomValue(choices, depth + 1));
    return items;
  }
  if (typeof value === "object" && value !== null) {
    const map: { [key: string]: Value } = {};
    for (const [key, inner] of Object.entries(value)) {
      if (choices.chance(12)) continue;
      map[key] = choices.chance(50) ? randomChange(choices, inner, depth + 1) : inner;
    }
    if (choices.chance(40)) map[choices.oneOf([...KEYS, "new", "io.x/y"])] = randomValue(choices, depth + 1);
    return map;
  }
  return choices.chance(30) ? choices.oneOf(TEXTS) : value;
}

/** Writes values as YAML in many styles: quotes, blocks, flow, comments, blank lines, indentation, anchors. */
export class YamlWriter {
  readonly #choices: Choices;
  readonly #newline: string;
  #anchors = 0;
  /** Anchors that were written, with their values. */
  readonly #anchored: { name: string; value: Value }[] = [];
  readonly #withAnchors: boolean;
  readonly #withComments: boolean;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.#newline = choices.chance(15) ? "\r\n" : "\n";
    this.#withAnchors = choices.chance(35);
    this.#withComments = choices.chance(70);
  }

  document(value: Value): string {
    const body = this.#block(value, 0, "root");
    const start = this.#choices.chance(50) ? `---${this.#comment()}` : this.#choices.chance(50) ? "# head" : undefined;
    const lines = start === undefined ? body : [start, ...body];
    // A literal block at the end of the file means something else without its line break.
    const end = this.#choices.chance(20) && !lines.some((line) => / [|>]/.test(line)) ? "" : "\n";
    return (lines.join("\n") + end).replaceAll("\n", this.#newline);
  }

  #comment(): string {
    return this.#withComments && this.#choices.chance(12) ? ` # note ${this.#choices.below(100)}: [x` : "";
  }

  #noise(column: number): string[] {
    if (!this.#withComments || !this.#choices.chance(12)) return [];
    return this.#choices.chance(70) ? [`${" ".repeat(column)}# comment - a: b`] : [""];
  }

  /** Lines of a value; the first line has no indentation of its own for "inline" positions. */
  #block(value: Value, column: number, place: "root" | "value" | "item"): string[] {
    if (Array.isArray(value) && value.length > 0 && !this.#choices.chance(15)) return this.#list(value, column);
    if (
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.keys(value).length > 0 &&
      !this.#choices.chance(15)
    )
      return this.#map(value as { [key: string]: Value }, column);
    return [`${" ".repeat(place === "root" ? 0 : column)}${this.#flow(value, column)}`];
  }

  #map(map: { readonly [key: string]: Value }, column: number): string[] {
    const indent = " ".repeat(column);
    return Object.entries(map).flatMap(([key, value]) => [
      ...this.#noise(column),
      ...this.#child(`${indent}${this.#scalar(key, true)}:`, value, column, true),
    ]);
  }

  #list(list: readonly Value[], column: number): string[] {
    const indent = " ".repeat(column);
    return list.flatMap((value) => {
      const lines = this.#child(`${indent}-`, value, column, false);
      return [...this.#noise(column), ...lines];
    });
  }

  /** A key or dash with its value. */
  #child(head: string, value: Value, column: number, isKey: boolean): string[] {
    const alias = this.#alias(value);
    if (alias !== undefined) return [`${head} ${alias}${this.#comment()}`];
    const isCollection =
      typeof value === "object" && value !== null && Object.keys(value).length > 0 && !this.#choices.chance(20);
    const anchor = this.#withAnchors && this.#choices.chance(20) ? `&n${++this.#anchors}` : undefined;
    let lines: string[];
    if (isCollection) {
      const isList: boolean = Array.isArray(value);
      const step = isKey && isList ? this.#choices.oneOf([0, 2, 2, 4]) : this.#choices.oneOf([2, 2, 2, 3, 4]);
      if (!isKey && anchor === undefined && this.#choices.chance(80)) {
        const inner = isList
          ? this.#list(value as Value[], column + 2)
          : this.#map(value as { [key: string]: Value }, column + 2);
        const first = inner.findIndex((line) => line.trim() !== "" && !line.trim().startsWith("#"));
        const [line = ""] = inner.splice(first, 1);
        lines = [...inner.slice(0, first).filter(() => false), `${head} ${line.trimStart()}`, ...inner.slice(first)];
      } else {
        const inner = isList
          ? this.#list(value as Value[], column + step)
          : this.#map(value as { [key: string]: Value }, column + step);
        lines = [`${head}${anchor === undefined ? "" : ` ${anchor}`}${this.#comment()}`, ...inner];
      }
    } else if (typeof value === "string" && /^[a-z]+(?: [a-z]+)+$/.test(value) && this.#choices.chance(50)) {
      const mark = anchor === undefined ? "" : ` ${anchor}`;
      lines = this.#folded(`${head}${mark}`, value.split(" "), " ".repeat(column + this.#choices.oneOf([1, 2, 4])));
    } else if (
      typeof value === "string" &&
      anchor === undefined &&
      this.#canBeLiteral(value) &&
      this.#choices.chance(60)
    ) {
      const step = this.#choices.oneOf([2, 4]);
      const chomp = value.endsWith("\n") ? "" : "-";
      const body = value
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => " ".repeat(column + step) + line);
      lines = [`${head} |${chomp}${this.#comment()}`, ...body];
    } else {
      const text = value === null && this.#choices.chance(50) ? "" : this.#flow(value, column + 1);
      lines = [`${head}${anchor === undefined ? "" : ` ${anchor}`}${text === "" ? "" : ` ${text}`}${this.#comment()}`];
    }
    if (anchor !== undefined) this.#anchored.push({ name: anchor.slice(1), value });
    return lines;
  }

  /** Words over several lines, in a style that folds them into one. */
  #folded(head: string, words: readonly string[], indent: string): string[] {
    const [first = "", ...rest] = words;
    const style = this.#choices.oneOf(["plain", "single", "double", "folded"]);
    if (style === "folded") return [`${head} >-${this.#comment()}`, ...words.map((word) => indent + word)];
    const quote = { plain: "", single: "'", double: '"' }[style] ?? "";
    const lines = [`${head} ${quote}${first}`, ...rest.map((word) => indent + word)];
    return [...lines.slice(0, -1), `${lines.at(-1)}${quote}${this.#comment()}`];
  }

  #alias(value: Value): string | undefined {
    if (!this.#withAnchors || !this.#choices.chance(60)) return undefined;
    const found = this.#anchored.find((anchored) => anchored.value === value);
    return found === undefined ? undefined : `*${found.name}`;
  }

  #canBeLiteral(text: string): boolean {
    return /^[^\s#][^\t\r\u2028]*$/.test(text) && !text.endsWith("\n\n") && !/[ ]\n|[ ]$/.test(text);
  }

  #flow(value: Value, column: number): string {
    if (Array.isArray(value)) {
      const wrap = this.#choices.chance(20) && value.length > 0 ? `\n${" ".repeat(column + 2)}` : "";
      const comma = value.length > 0 && this.#choices.chance(10) ? "," : "";
      return `[${wrap}${value.map((item: Value) => this.#flow(item, column)).join(`,${wrap === "" ? " " : wrap}`)}${comma}]`;
    }
    if (typeof value === "object" && value !== null) {
      const pad = this.#choices.chance(50) ? " " : "";
      const entries = Object.entries(value).map(([key, inner]) => {
        const text = this.#scalar(key, true, true);
        return inner === null && this.#choices.chance(30) ? text : `${text}: ${this.#flow(inner, column)}`;
      });
      return `{${pad}${entries.join(", ")}${pad}}`;
    }
    if (typeof value === "string") return this.#scalar(value, false, true);
    if (value === null) return this.#choices.oneOf(["null", "~", "Null"]);
    if (value === true) return this.#choices.oneOf(["true", "yes", "on", "True"]);
    if (value === false) return this.#choices.oneOf(["false", "no", "Off"]);
    if (value === 8080) return this.#choices.oneOf(["8080", "0x1f90", "017620", "8_080"]);
    return String(value);
  }

  #scalar(text: string, isKey: boolean, flow = false): string {
    const plain =
      /^[a-z](?:[a-z./$():-]*[a-z/)])?$/.test(text) &&
      !/^(?:y|n|yes|no|on|off|true|false|null)$/.test(text) &&
      !text.includes(": ");
    const single = !/[\n\t\u2028]/.test(text);
    const options = [...(plain ? ["plain", "plain", "plain"] : []), ...(single ? ["single"] : []), "double"];
    const style = this.#choices.oneOf(options);
    if (style === "plain") return text;
    if (style === "single") return `'${text.replaceAll("'", "''")}'`;
    const quoted = JSON.stringify(text).replaceAll("\u2028", "\\u2028");
    return isKey || flow ? quoted : quoted;
  }
}
