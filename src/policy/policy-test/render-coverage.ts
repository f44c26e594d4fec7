import type { CoveredLines } from "../../rego/regorus/covered-lines.ts";
import type { RulesCoverage } from "./rule-coverage.ts";

/**
 * Renders coverage for tools that show it (LCOV): one record for the rules file, rules as functions.
 *
 * @returns the document, ending in a newline
 * @see geninfo(1)
 */
export function renderLcov({ file, rules }: RulesCoverage, { covered, notCovered }: CoveredLines): string {
  const hits = [...covered.map((line) => [line, 1]), ...notCovered.map((line) => [line, 0])];
  const functions = rules.map(({ name, line, covered: own }) => ({
    line,
    id: `${name}:${line}`,
    hit: own > 0 ? 1 : 0,
  }));
  return [
    "TN:contrast policy test",
    `SF:${file}`,
    ...functions.map(({ line, id }) => `FN:${line},${id}`),
    ...functions.map(({ id, hit }) => `FNDA:${hit},${id}`),
    `FNF:${functions.length}`,
    `FNH:${functions.filter(({ hit }) => hit > 0).length}`,
    ...hits.toSorted(([a = 0], [b = 0]) => a - b).map(([line, hit]) => `DA:${line},${hit}`),
    `LF:${hits.length}`,
    `LH:${covered.length}`,
    "end_of_record",
    "",
  ].join("\n");
}

/** The rules with a mark before each line: `+` evaluated, `-` not, blank where there is nothing to evaluate. */
export function renderListing(rulesText: string, { covered, notCovered }: CoveredLines): string {
  const marks = new Map<number, string>();
  for (const line of covered) marks.set(line, "+");
  for (const line of notCovered) marks.set(line, "-");
  const lines = rulesText.replace(/\n$/, "").split("\n");
  const width = String(lines.length).length;
  return lines
    .map((text, index) => `${marks.get(index + 1) ?? " "} ${String(index + 1).padStart(width)} ${text}`.trimEnd())
    .join("\n")
    .concat("\n");
}

/** A summary for people: the share of lines, and each rule that was not evaluated completely. */
export function renderCoverage({ file, lines, covered, percent, rules }: RulesCoverage): readonly string[] {
  const partial = rules.filter((rule) => rule.covered < rule.lines);
  return [
    `coverage of ${file}: ${covered} of ${lines} lines (${percent} %)`,
    ...partial.map(({ name, line, lines: own, covered: seen, missing }) => {
      const runs = missing.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
      return `  ${file}:${line}: ${name}: ${seen} of ${own} lines, not ${runs.join(", ")}`;
    }),
  ];
}
