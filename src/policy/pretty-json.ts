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
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (!Object.isFrozen(value)) return renderContainer(value, depth);
  let texts = printed.get(value);
  if (texts === undefined) {
    texts = [];
    printed.set(value, texts);
  }
  return (texts[depth] ??= renderContainer(value, depth));
}

function renderContainer(value: object, depth: number): string {
  const inner = lineBreak(depth + 1);
  const outer = lineBreak(depth);
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value) parts.push(renderPrettyJson(item, depth + 1));
    return parts.length === 0 ? "[]" : `[${inner}${parts.join(`,${inner}`)}${outer}]`;
  }
  for (const [key, member] of value instanceof Map ? value : Object.entries(value)) {
    if (member !== undefined) parts.push(`${quote(key)}: ${renderPrettyJson(member, depth + 1)}`);
  }
  return parts.length === 0 ? "{}" : `{${inner}${parts.join(`,${inner}`)}${outer}}`;
}

function lineBreak(depth: number): string {
  return (breaks[depth] ??= `\n${INDENT.repeat(depth)}`);
}

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
