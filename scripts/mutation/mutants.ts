import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Room, sourcesOf } from "./rooms.ts";
import type { WorkCopy } from "./work-copy.ts";

/** One deleted step. */
export interface Mutant {
  /** Stable, such as `tdx: row qe.status` or `src/pki/der-reader.ts: throw …`. */
  readonly name: string;
  readonly kind: "row" | "throw" | "step";
  readonly room: Room;
  /** The source that changes. */
  readonly path: string;
  readonly change: (source: string) => string;
}

const MAX_NAME_LENGTH = 110;
/** An error that is made and thrown, or the call that reports one; not the definition of such a function. */
export const ERROR = /(?<![\w.#])(?:throw (?=new |[\w.#]+\()|(?:[\w#]+\.)*(?:fail|reject|throwIfAny)\((?!\w+\??: ))/g;
const VERDICT = "src/attestation/verdict.ts";
const CONCLUSION = "export function concludeVerdict<T>(";

/** The rows of a room, and which tests fail although none of them was deleted. */
export interface RowMutants {
  readonly room: Room;
  readonly mutants: readonly Mutant[];
  readonly failing: readonly string[];
}

/** Runs the tests of a room for one mutant for each row that any verdict has: it never fails and is never missing. */
export async function rowMutants(copy: WorkCopy, room: Room): Promise<RowMutants> {
  const { ids, failing } = await recordRows(copy, room);
  const mutants = ids.map((id) => ({
    name: `${room.name}: row ${id}`,
    kind: "row" as const,
    room,
    path: VERDICT,
    change: (source: string) => beforeVerdict(source, lettingPass(id)),
  }));
  return { room, mutants, failing };
}

/** One mutant for each error that is thrown or reported on purpose; errors that are only passed on are none. */
export function throwMutants(copy: WorkCopy, room: Room): readonly Mutant[] {
  return sourcesOf(room, copy.root).flatMap((path) => {
    const source = readFileSync(join(copy.root, path), "utf8");
    const names = new MutantNames();
    return [...source.matchAll(ERROR)].map(({ 0: word, index }) => ({
      name: names.unique(`${path}: `, source.slice(index, index + 400)),
      kind: "throw" as const,
      room,
      path,
      change: (text: string) =>
        `${text.slice(0, index)}${word === "throw " ? "void " : "void ("}${text.slice(index + word.length)}`,
    }));
  });
}

async function recordRows(
  copy: WorkCopy,
  { tests }: Room,
): Promise<{ readonly ids: readonly string[]; readonly failing: readonly string[] }> {
  const list = join(copy.newDirectory("rows"), "ids.txt");
  const note = `
    for (const { id } of [...required, ...(alternatives ?? [])].flatMap((group) => group.checks)) {
      require("node:fs").appendFileSync(${JSON.stringify(list)}, id + "\\n");
    }
`;
  const failing = await copy.changed(
    VERDICT,
    (source) => beforeVerdict(source, note),
    () => copy.failedTests(tests),
  );
  if (!existsSync(list)) throw new Error(`No verdict was made in ${tests.join(", ")}: ${failing.join("; ")}`);
  return { ids: [...new Set(readFileSync(list, "utf8").trim().split("\n"))].toSorted(), failing };
}

/** Puts code before every verdict, which sees and may replace `required` and `alternatives`. */
function beforeVerdict(source: string, code: string): string {
  const renamed = source.replace(CONCLUSION, "function concludeUnchanged<T>(");
  const call = "return concludeUnchanged(evidence, required, alternatives);";
  return `${renamed}\nexport function concludeVerdict(evidence, required, alternatives) {${code}${call}}\n`;
}

function lettingPass(id: string): string {
  return `
    const passing = (group) => ({
      ...group,
      checks: group.checks.map((check) =>
        check.id === ${JSON.stringify(id)} && (check.outcome === "failed" || check.outcome === "unknown")
          ? { ...check, outcome: "passed" }
          : check,
      ),
    });
    required = required.map(passing);
    alternatives = alternatives?.map(passing);
`;
}

/** Names of the mutants of one file. */
export class MutantNames {
  readonly #seen = new Map<string, number>();

  /** The first statement of a code on one line, as far as it tells steps apart, with a number from the second one on. */
  unique(prefix: string, code: string): string {
    const [statement = ""] = code.split(/;\s/);
    const line = statement.replaceAll(/\s+/g, " ").replace("new ContrastError( ", "new ContrastError(");
    const name = line.length > MAX_NAME_LENGTH ? `${line.slice(0, MAX_NAME_LENGTH)}…` : line;
    const times = (this.#seen.get(name) ?? 0) + 1;
    this.#seen.set(name, times);
    return `${prefix}${name}${times === 1 ? "" : ` (${times})`}`;
  }
}
