import { REMEDIES } from "../../../src/policy/explain/check-guide.ts";
import { guideOf } from "../../../src/policy/explain/guide-of.ts";
import { FIXED_MUTATIONS, MUTATION_CHECKS } from "./mutation-checks.ts";

/** Marks of the part of the page that is made from the table. */
const BEGIN = "<!-- mutations: made by tests/policy/explain/mutations.test.ts with UPDATE_GOLDEN=1 -->";
const END = "<!-- end of mutations -->";

/** The part of a page between the marks, without them. */
export function mutationsIn(page: string): string {
  const start = page.indexOf(BEGIN);
  return page.slice(start + BEGIN.length, page.indexOf(END, start)).trim();
}

/** The page with another part between the marks. */
export function withMutations(page: string, tables: string): string {
  const start = page.indexOf(BEGIN) + BEGIN.length;
  return `${page.slice(0, start)}\n\n${tables}\n\n${page.slice(page.indexOf(END, start))}`;
}

/** One table for each kind of request: what is forged, the check that is told first, and what to change. */
export function renderMutationTables(): string {
  const kinds = Object.entries(MUTATION_CHECKS).map(([kind, mutations]) => {
    const rows = Object.entries(mutations).map(([title, checks]) => row(title, checks, kind));
    return [`### ${kind}`, "", ...table(rows)].join("\n");
  });
  const fixed = Object.entries(FIXED_MUTATIONS).map(([title, check]) => row(title, [check], "KIND"));
  return [...kinds, ["### Other requests", "", ...table(fixed)].join("\n")].join("\n\n");
}

function row(title: string, checks: readonly string[], kind: string): readonly string[] {
  const [check = ""] = checks;
  const { field, setting, ...guide } = guideOf(check, kind);
  const remedy = check === "image" && /layer|overlay/.test(title) ? REMEDIES.image : guide.remedy;
  const governed = [
    field === undefined ? [] : `\`${field}\``,
    setting === undefined ? [] : `settings \`${setting}\``,
  ].flat();
  return [title, checks.map((name) => `\`${name}\``).join(" or "), governed.join(", ") || "-", remedy];
}

/** A Markdown table as the formatter writes it. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const all = [["Changed in the request", "Check", "Governed by", "What to do"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)];
}
