import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkCopy } from "./work-copy.ts";

/** One deleted step. */
export interface Mutant {
  /** Stable, such as `tdx: row qe.status` or `src/pki/der-reader.ts: throw 3 …`. */
  readonly name: string;
  readonly kind: "row" | "throw";
  /** The source that changes. */
  readonly path: string;
  readonly change: (source: string) => string;
  /** The tests that could notice. */
  readonly tests: readonly string[];
}

interface Room {
  readonly name: string;
  readonly sources: string;
  readonly tests: readonly string[];
  /** Whether its answers are verdicts. */
  readonly hasRows: boolean;
}

const ROOMS: readonly Room[] = [
  { name: "snp", sources: "src/attestation/snp", tests: ["tests/attestation/snp"], hasRows: true },
  { name: "tdx", sources: "src/attestation/tdx", tests: ["tests/attestation/tdx"], hasRows: true },
  { name: "atls", sources: "src/attestation/atls", tests: ["tests/attestation/atls"], hasRows: false },
  { name: "pki", sources: "src/pki", tests: ["tests/pki"], hasRows: false },
];

const VERDICT = "src/attestation/verdict.ts";
const CONCLUSION = /(export function concludeVerdict<T>\([\s\S]*?\): Verdict<T> \{\n)/;

/** Every deleted step, rows first. */
export async function allMutants(copy: WorkCopy): Promise<readonly Mutant[]> {
  const mutants: Mutant[] = [];
  for (const room of ROOMS) {
    if (room.hasRows) mutants.push(...(await rowMutants(copy, room)));
  }
  return [...mutants, ...ROOMS.flatMap((room) => throwMutants(copy, room))];
}

/** One mutant for each row that any test's verdict has: it never fails and is never missing. */
async function rowMutants(copy: WorkCopy, { name, tests }: Room): Promise<readonly Mutant[]> {
  const ids = await rowIds(copy, tests);
  return ids.map((id) => ({
    name: `${name}: row ${id}`,
    kind: "row",
    path: VERDICT,
    change: (source) => afterHeader(source, lettingPass(id)),
    tests,
  }));
}

async function rowIds(copy: WorkCopy, tests: readonly string[]): Promise<readonly string[]> {
  const list = join(copy.newDirectory("rows"), "ids.txt");
  const note = `
    for (const { id } of [...required, ...(alternatives ?? [])].flatMap((group) => group.checks)) {
      require("node:fs").appendFileSync(${JSON.stringify(list)}, id + "\\n");
    }
`;
  const failed = await copy.changed(
    VERDICT,
    (source) => afterHeader(source, note),
    () => copy.failedTests(tests),
  );
  if (failed.length > 0) throw new Error(`Tests fail before anything was deleted: ${failed.join("; ")}`);
  return [...new Set(readFileSync(list, "utf8").trim().split("\n"))].toSorted();
}

function afterHeader(source: string, code: string): string {
  return source.replace(CONCLUSION, (header) => `${header}${code}`);
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

/** One mutant for each error that is thrown on purpose; errors that are only passed on are none. */
function throwMutants(copy: WorkCopy, { sources, tests }: Room): readonly Mutant[] {
  const paths = readdirSync(join(copy.root, sources), { recursive: true })
    .map((name) => join(sources, String(name)))
    .filter((path) => path.endsWith(".ts"))
    .toSorted();
  return paths.flatMap((path) => {
    const source = readFileSync(join(copy.root, path), "utf8");
    return [...source.matchAll(/\bthrow (?=new |[\w.]+\()/g)].map(({ index }, number) => ({
      name: `${path}: throw ${number + 1} ${excerpt(source, index)}`,
      kind: "throw" as const,
      path,
      change: (text) => `${text.slice(0, index)}void ${text.slice(index + "throw ".length)}`,
      tests,
    }));
  });
}

/** The message of the error, as far as it tells errors apart. */
function excerpt(source: string, index: number): string {
  const statement = source.slice(index, index + 300);
  return (/[`"]([^`"]{6,60})/.exec(statement.slice(statement.indexOf(",")))?.[1] ?? "").replaceAll("\n", " ");
}
