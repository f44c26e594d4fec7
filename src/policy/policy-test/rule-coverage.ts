import type { CoveredLines } from "../../rego/regorus/covered-lines.ts";

/** How much of one rule was evaluated. */
export interface RuleCoverage {
  readonly name: string;
  /** Line of its head, counted from 1; rules with several bodies have several entries. */
  readonly line: number;
  /** Lines with something to evaluate, and how many of them were evaluated. */
  readonly lines: number;
  readonly covered: number;
  /** Lines that were not evaluated, as first and last line of each run of them. */
  readonly missing: readonly (readonly [number, number])[];
}

/** How much of a rules file was evaluated. */
export interface RulesCoverage {
  readonly file: string;
  readonly lines: number;
  readonly covered: number;
  /** Of the lines, rounded down to tenths, so that 100 means all of them. */
  readonly percent: number;
  readonly rules: readonly RuleCoverage[];
}

/** A rule begins where a name stands at the beginning of a line. */
const HEAD = /^(?:default\s+)?([A-Za-z_]\w*)/;

const NO_RULES: ReadonlySet<string> = new Set(["package", "import"]);

/**
 * Sums up lines by rule.
 *
 * @param file named in reports
 * @param lines of the rules' text only
 */
export function coverageOfRules(file: string, rulesText: string, lines: CoveredLines): RulesCoverage {
  const covered = new Set(lines.covered);
  const all = [...lines.covered, ...lines.notCovered].toSorted((a, b) => a - b);
  const heads = rulesText.split("\n").flatMap((text, index) => {
    const name = HEAD.exec(text)?.[1];
    return name === undefined || NO_RULES.has(name) ? [] : [{ name, line: index + 1 }];
  });
  const rules = heads.flatMap(({ name, line }, index) => {
    const next = heads[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    const own = all.filter((each) => each >= line && each < next);
    if (own.length === 0) return [];
    const seen = own.filter((each) => covered.has(each)).length;
    return [{ name, line, lines: own.length, covered: seen, missing: runsOf(own, covered) }];
  });
  const percent = all.length === 0 ? 100 : Math.floor((covered.size / all.length) * 1000) / 10;
  return { file, lines: all.length, covered: covered.size, percent, rules };
}

/** Lines without anything to evaluate between two missing ones do not end a run. */
function runsOf(all: readonly number[], covered: ReadonlySet<number>): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  let isOpen = false;
  for (const line of all) {
    const last = runs.at(-1);
    if (covered.has(line)) isOpen = false;
    else if (isOpen && last !== undefined) last[1] = line;
    else {
      runs.push([line, line]);
      isOpen = true;
    }
  }
  return runs;
}
