import type { ErrorCode } from "../lib/error-codes.ts";

/** What is wrong with a document, at an offset in the text. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly offset: number;
  readonly path?: string;
  readonly hint?: string;
}

/** Faults of syntax that people make, and what to do. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^Nested mappings/, "Correct the indentation, or put a value that holds a colon in quotes."],
  [/^Tabs /, "Indent with spaces."],
  [/^Plain value cannot start/, "Put the value in quotes."],
];

/** Faults that are looked at, so that a hostile text of one line with many faults takes little time. */
const MAX_CONSIDERED = 200;
/** How near a fault, in characters of its line, the braces of a template are looked for. */
const NEAR = 200;

/**
 * Chooses what to tell of a document's faults: of those on one line the first, because the others follow from it, and
 * of a template that was not rendered only that it is one.
 *
 * @param text that the offsets point into
 */
export function tellingFaults(faults: readonly Fault[], text: string): readonly Fault[] {
  const told: Fault[] = [];
  const lines = new Set<number>();
  for (const fault of faults.slice(0, MAX_CONSIDERED)) {
    const start = text.lastIndexOf("\n", fault.offset - 1) + 1;
    const [around = ""] = text.slice(Math.max(start, fault.offset - NEAR), fault.offset + NEAR).split("\n");
    if (around.includes("{{")) return [templateFault(fault)];
    if (fault.code === "kubernetes/yaml-syntax" && lines.has(start)) continue;
    lines.add(start);
    const hint = HINTS.find(([pattern]) => pattern.test(fault.message))?.[1];
    told.push(hint === undefined ? fault : { ...fault, hint });
  }
  return told;
}

function templateFault({ code, offset }: Fault): Fault {
  const message = "a template with {{ … }}, not YAML";
  return {
    code,
    message,
    offset,
    hint: "Render the template first, such as with helm template; put text with {{ in quotes.",
  };
}
