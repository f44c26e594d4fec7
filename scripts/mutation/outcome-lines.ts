import { KNOWN_MUTANTS } from "./known-mutants.ts";
import type { Mutant } from "./mutants.ts";

/** What the tests said about one deleted step. */
export interface Outcome {
  readonly mutant: Mutant;
  /** Titles of the tests that went red. */
  readonly red: readonly string[];
}

/** How the steps of one room came off. */
export interface OutcomeLines {
  readonly lines: readonly string[];
  /** How many steps nothing guards. */
  readonly unguarded: number;
  /** Names of known mutants that were not noticed. */
  readonly excused: readonly string[];
}

/** Lines of the table, one for each step; for a row also a test that only this row turns red. */
export function outcomeLines(outcomes: readonly Outcome[]): OutcomeLines {
  const counts = new Map<string, number>();
  for (const title of outcomes.flatMap(({ red }) => red)) counts.set(title, (counts.get(title) ?? 0) + 1);
  const lines: string[] = [];
  const excused: string[] = [];
  let unguarded = 0;
  for (const { mutant, red } of outcomes) {
    const alone = mutant.kind === "row" ? red.filter((title) => counts.get(title) === 1) : red;
    const reason = KNOWN_MUTANTS[mutant.name];
    const isExcused = alone.length === 0 && reason !== undefined;
    const isGuarded = alone.length > 0 || isExcused;
    if (isExcused) excused.push(mutant.name);
    if (!isGuarded) unguarded++;
    const words = [isGuarded ? "ok  " : "MISS", column(red), mutant.kind === "row" ? column(alone) : "    "];
    lines.push(`${words.join(" ")}  ${mutant.name}${isExcused ? ` (${reason})` : ""}`);
    if (alone[0] !== undefined && mutant.kind === "row") lines.push(`                 ${alone[0]}`);
  }
  return { lines, unguarded, excused };
}

function column(titles: readonly string[]): string {
  return String(titles.length).padStart(4);
}
