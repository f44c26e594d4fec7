// Deletes each verification step in turn and looks which tests notice.
//
// Steps are the rows of verdicts (deleted: the row passes whatever it found) and the errors that parsers and checks of
// peers throw (deleted: the error is made and not thrown). A row is guarded if some test goes red for it and for no
// other row; an error is guarded if any test goes red. `-- --sample N` tries every N-th step, `-- WORD` those whose name
// contains the word.
import { join } from "node:path";
import { KNOWN_MUTANTS } from "./mutation/known-mutants.ts";
import { allMutants, type Mutant } from "./mutation/mutants.ts";
import { WorkCopy } from "./mutation/work-copy.ts";

const PROJECT = join(import.meta.dir, "..");
const WORKERS = 2;

interface Outcome {
  readonly mutant: Mutant;
  /** Titles of the tests that went red. */
  readonly red: readonly string[];
}

function chosen(mutants: readonly Mutant[], args: readonly string[]): readonly Mutant[] {
  const sample = args.indexOf("--sample");
  const step = sample === -1 ? 1 : Number(args[sample + 1]);
  const words = args.filter((arg, index) => !arg.startsWith("--") && (sample === -1 || index !== sample + 1));
  return mutants
    .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
    .filter((_, index) => index % step === 0);
}

async function tryAll(mutants: readonly Mutant[], copies: readonly WorkCopy[]): Promise<readonly Outcome[]> {
  const waiting = [...mutants];
  const outcomes: Outcome[] = [];
  const work = async (copy: WorkCopy): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const { path, change, tests } = mutant;
      const red = await copy.changed(path, change, () => copy.failedTests(tests));
      outcomes.push({ mutant, red });
      if (process.stderr.isTTY) process.stderr.write(`\r${outcomes.length} of ${mutants.length} `);
    }
  };
  await Promise.all(copies.map(work));
  const order = new Map(mutants.map((mutant, index) => [mutant, index]));
  return outcomes.toSorted((left, right) => (order.get(left.mutant) ?? 0) - (order.get(right.mutant) ?? 0));
}

/** Prints the table. @returns the number of steps that nothing guards */
function report(outcomes: readonly Outcome[]): number {
  const rows = outcomes.filter(({ mutant }) => mutant.kind === "row");
  const counts = new Map<string, number>();
  for (const title of rows.flatMap(({ red }) => red)) counts.set(title, (counts.get(title) ?? 0) + 1);
  let unguarded = 0;
  for (const { mutant, red } of outcomes) {
    const alone = mutant.kind === "row" ? red.filter((title) => counts.get(title) === 1) : red;
    const reason = Object.entries(KNOWN_MUTANTS).find(([prefix]) => mutant.name.startsWith(prefix))?.[1];
    const isGuarded = alone.length > 0 || reason !== undefined;
    if (!isGuarded) unguarded++;
    const words = [isGuarded ? "ok  " : "MISS", String(red.length).padStart(4), String(alone.length).padStart(4)];
    console.log(
      `${words.join(" ")}  ${mutant.name}${alone.length === 0 && reason !== undefined ? ` (${reason})` : ""}`,
    );
    if (alone[0] !== undefined && mutant.kind === "row") console.log(`                 ${alone[0]}`);
  }
  console.log(`\n${outcomes.length} steps deleted, ${unguarded} not noticed`);
  return unguarded;
}

async function main(): Promise<void> {
  const copies = Array.from({ length: WORKERS }, () => new WorkCopy(PROJECT));
  try {
    const [first] = copies;
    if (first === undefined) return;
    console.log("      red alone  step, and a test that only it turns red");
    const outcomes = await tryAll(chosen(await allMutants(first), process.argv.slice(2)), copies);
    process.exitCode = report(outcomes) > 0 ? 1 : 0;
  } finally {
    for (const copy of copies) copy.remove();
  }
}

await main();
