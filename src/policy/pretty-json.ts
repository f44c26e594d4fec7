const INDENT = "  ";
/** Everything that JSON cannot hold as it is; half pairs among the surrogates are told apart by JSON.stringify. */
const NEEDS_ESCAPE = /["\\\p{Cc}\ud800-\udfff]/u;

/** Line breaks with the indentation of a depth; made once for each depth. */
const breaks: string[] = [];

/** Texts of frozen values by depth: thousands of containers share the same mounts, paths and capabilities. */
const printed = new WeakMap<object, string[]>();

/**
 * Prints a value as JSON: two spaces per level, one element per line, `[]` and `{}` for what is empty. Objects keep the
 * order of their members and a `Map` that of its entries, which an object cannot keep for keys that look like numbers.
 * Members that are undefined are left out.
 *
 * Frozen objects are printed once and remembered, so what they hold must be frozen too.
 *
 * @param depth level of the opening bracket, which itself is not indented
 */
export function renderPrettyJson(value: unknown, depth = 0): string {
  const pieces: string[] = [];
  write(value, depth, pieces);
  return pieces.join("");
}

function write(value: unknown, depth: number, pieces: string[]): void {
  if (typeof value === "string") pieces.push(quote(value));
  else if (typeof value !== "object" || value === null) pieces.push(String(value));
  else if (Object.isFrozen(value)) pieces.push(remembered(value, depth));
  else writeContainer(value, depth, pieces);
}

function remembered(value: object, depth: number): string {
  let texts = printed.get(value);
  if (texts === undefined) {
    texts = [];
    printed.set(value, texts);
  }
  let text = texts[depth];
  if (text === undefined) {
    const pieces: string[] = [];
    writeContainer(value, depth, pieces);
    text = pieces.join("");
    texts[depth] = text;
  }
  return text;
}

function writeContainer(value: object, depth: number, pieces: string[]): void {
  const isList = Array.isArray(value);
  const inner = lineBreak(depth + 1);
  let separator = (isList ? "[" : "{") + inner;
  const between = `,${inner}`;
  let empty = true;
  if (isList) {
    for (const item of value) {
      pieces.push(separator);
      write(item, depth + 1, pieces);
      separator = between;
      empty = false;
    }
  } else {
    for (const [key, member] of value instanceof Map ? value : Object.entries(value)) {
      if (member === undefined) continue;
      pieces.push(separator, quote(key), ": ");
      write(member, depth + 1, pieces);
      separator = between;
      empty = false;
    }
  }
  if (empty) pieces.push(isList ? "[]" : "{}");
  else pieces.push(lineBreak(depth), isList ? "]" : "}");
}

function lineBreak(depth: number): string {
  return (breaks[depth] ??= `\n${INDENT.repeat(depth)}`);
}

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
