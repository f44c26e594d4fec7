import { visibleText } from "../../lib/visible-text.ts";

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
  let markup = strings[0] ?? "";
  for (const [index, part] of parts.entries()) markup += `${markupOf(part)}${strings[index + 1] ?? ""}`;
  return new Html(markup);
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
