import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LINT_RULES } from "../../src/lint/rule-catalogue.ts";

const PAGE = readFileSync(join(import.meta.dir, "..", "..", "docs", "lint.md"), "utf8");

describe("docs/lint.md", () => {
  test("has an entry for each rule, in the order of the catalogue, and no other", () => {
    const headings = [...PAGE.matchAll(/^### (.*)$/gm)].map(([, id]) => id);
    expect(headings).toEqual(LINT_RULES.map(({ id }) => id));
  });

  test.each(LINT_RULES)("says of $id what the program says", ({ id, title, severity, why, fix, fixable, code }) => {
    const start = PAGE.indexOf(`### ${id}\n`);
    const end = PAGE.indexOf("\n#", start + 4);
    const entry = PAGE.slice(start, end);
    const marks = fixable === true ? `${severity}, \`--fix\`` : severity;
    expect(entry).toContain(`(${marks}, \`${code}\` in other commands)`);
    expect(entry).toContain(why);
    expect(entry).toContain(fix);
    const row = new RegExp(`^\\| \\[\`${id}\`\\]\\(#${id}\\) +\\| ${severity} +\\| (.*?) +\\|$`, "m").exec(PAGE);
    expect(row?.[1]).toBe(fixable === true ? `${title} (\`--fix\`)` : title);
  });
});
