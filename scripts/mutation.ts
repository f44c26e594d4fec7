// Deletes each verification step in turn and looks which tests notice.
//
// Steps are the rows of verdicts (deleted: the row passes whatever it found), the errors that parsers and checks of
// peers throw or report (deleted: the error is made and goes nowhere), and in rooms that compute each statement, condition
// and member of a list. A row is guarded if some test goes red for it and for no other row; the rest if any test goes red. `--sample N` tries every N-th step, words those whose name
// contains one of them. An interrupt ends it with the table of what was tried.
import { join } from "node:path";
import { KNOWN_MUTANTS } from "./mutation/known-mutants.ts";
import { type Mutant, rowMutants, throwMutants } from "./mutation/mutants.ts";
import { type Outcome, outcomeLines } from "./mutation/outcome-lines.ts";
import { type Room, ROOMS } from "./mutation/rooms.ts";
import { stepMutants } from "./mutation/step-mutants.ts";
import { WorkCopy } from "./mutation/work-copy.ts";

const PROJECT = join(import.meta.dir, "..");
const WORKERS = 2;
const STEPS_BETWEEN_LINES = 50;
/** A loop without one of its steps may never end, and fill the memory meanwhile. */
const STEP_TIMEOUT_MS = 25_000;

interface Selection {
  readonly words: readonly string[];
  /** Distance of the steps that are tried. */
  readonly step: number;
}

const interrupt = new AbortController();

function parseSelection(args: readonly string[]): Selection {
  const flag = args.indexOf("--sample");
  const step = flag === -1 ? 1 : Number(args[flag + 1]);
  const words = args.filter((_, index) => flag === -1 || (index !== flag && index !== flag + 1));
  if (!Number.isInteger(step) || step < 1 || words.some((word) => word.startsWith("-"))) {
    throw new Error("Usage: bun scripts/mutation.ts [--sample N] [WORD…]");
  }
  return { words, step };
}

interface Plan {
  /** Rows first. */
  readonly mutants: readonly Mutant[];
  /** Titles of tests that fail although nothing was deleted; they say nothing about a step. */
  readonly failing: ReadonlySet<string>;
  readonly isWhole: boolean;
}

/** Rows are known only after the tests of their room ran, which words can make needless. */
async function planOf({ words, step }: Selection, copies: readonly WorkCopy[]): Promise<Plan> {
  const mayNameRow = (word: string, room: Room): boolean =>
    !word.includes("/") && (!word.includes(": row") || word.startsWith(`${room.name}: row`));
  const rooms = ROOMS.filter(
    (room) => room.hasRows === true && (words.length === 0 || words.some((word) => mayNameRow(word, room))),
  );
  const rows = await inTurn(rooms, copies, (room, copy) => rowMutants(copy, room));
  const [first] = copies;
  const others =
    first === undefined ? [] : ROOMS.flatMap((room) => [...throwMutants(first, room), ...stepMutants(first, room)]);
  const mutants = [...rows.flatMap((room) => room.mutants), ...others]
    .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
    .filter((_, index) => index % step === 0);
  const untried = ROOMS.filter((room) => !rooms.includes(room) && mutants.some((mutant) => mutant.room === room));
  const failing = await inTurn(untried, copies, ({ tests }, copy) => copy.failedTests(tests));
  return {
    mutants,
    failing: new Set([...rows.flatMap((room) => room.failing), ...failing.flat()]),
    isWhole: words.length === 0 && step === 1,
  };
}

/** Does a task for each item, one at a time in each copy. */
async function inTurn<T, R>(
  items: readonly T[],
  copies: readonly WorkCopy[],
  task: (item: T, copy: WorkCopy) => Promise<R>,
): Promise<readonly R[]> {
  const waiting = [...items.entries()];
  const results = new Map<number, R>();
  const work = async (copy: WorkCopy): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !interrupt.signal.aborted; next = waiting.shift()) {
      const result = await task(next[1], copy);
      if (!interrupt.signal.aborted) results.set(next[0], result);
    }
  };
  await Promise.all(copies.map(work));
  return [...results].toSorted(([left], [right]) => left - right).map(([, result]) => result);
}

async function tryAll({ mutants, failing, isWhole }: Plan, copies: readonly WorkCopy[]): Promise<number> {
  for (const title of failing) console.error(`does not count, it fails before anything is deleted: ${title}`);
  const excused = new Set<string>();
  let tried = 0;
  let unguarded = 0;
  for (const batch of batchesOf(mutants)) {
    const outcomes = await inTurn(batch, copies, async (mutant, copy): Promise<Outcome> => {
      const red = await copy.changed(mutant.path, mutant.change, () =>
        copy.failedTests(mutant.room.tests, mutant.kind === "step" ? STEP_TIMEOUT_MS : undefined),
      );
      tried++;
      if (process.stderr.isTTY) process.stderr.write(`\r${tried} of ${mutants.length} `);
      else if (tried % STEPS_BETWEEN_LINES === 0) console.error(`${tried} of ${mutants.length} steps tried`);
      return { mutant, red: red.filter((title) => !failing.has(title)) };
    });
    const table = outcomeLines(outcomes);
    for (const line of table.lines) console.log(line);
    for (const name of table.excused) excused.add(name);
    unguarded += table.unguarded;
  }
  const idle = isWhole ? Object.keys(KNOWN_MUTANTS).filter((name) => !excused.has(name)) : [];
  for (const name of idle) console.log(`not needed in known-mutants.ts: ${name}`);
  const seconds = Math.round(performance.now() / 1000);
  console.log(`\n${tried} steps deleted in ${seconds} s, ${unguarded} not noticed`);
  return unguarded + idle.length;
}

/** Rows of one room are judged together; errors of one file are printed together. */
function batchesOf(mutants: readonly Mutant[]): readonly (readonly Mutant[])[] {
  return Object.values(Object.groupBy(mutants, ({ kind, room, path }) => (kind === "row" ? room.name : path))).flatMap(
    (batch) => (batch === undefined ? [] : [batch]),
  );
}

async function main(): Promise<void> {
  const selection = parseSelection(process.argv.slice(2));
  const copies = Array.from({ length: WORKERS }, () => new WorkCopy(PROJECT));
  process.once("SIGINT", () => interrupt.abort());
  try {
    const plan = await planOf(selection, copies);
    console.log("      red alone  step, and a test that only it turns red");
    process.exitCode = (await tryAll(plan, copies)) > 0 ? 1 : 0;
  } finally {
    for (const copy of copies) copy.remove();
  }
}

await main();
