import { visibleText } from "../../../lib/visible-text.ts";

/** Markup that is complete: nothing in it is escaped again. Made only by `html` and `trustedMarkup`. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What can stand in a template; nothing at all for undefined. */
type Part = string | number | Html | undefined | readonly Html[];

/**
 * Markup from a template. Texts are escaped for element content and for attributes in double quotes, and characters that
 * reorder or hide text are written out; only `Html` passes as it is.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const [first = "", ...rest] = withoutIndentation(strings);
  let markup = first;
  for (const [index, part] of parts.entries()) markup += `${markupOf(part)}${rest[index] ?? ""}`;
  return new Html(markup);
}

const compact = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Indentation of templates is for their readers; a page has thousands of rows. */
function withoutIndentation(strings: TemplateStringsArray): readonly string[] {
  const known = compact.get(strings) ?? strings.map((text) => text.replace(/\n\s+/g, "\n"));
  compact.set(strings, known);
  return known;
}

function markupOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.markup;
  if (typeof part === "string") return escapeText(part);
  return typeof part === "number" ? String(part) : part.map(({ markup }) => markup).join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
