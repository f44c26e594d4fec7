import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Room, sourcesOf } from "./rooms.ts";
import type { WorkCopy } from "./work-copy.ts";

/** One deleted step. */
export interface Mutant {
  /** Stable, such as `tdx: row qe.status` or `src/pki/der-reader.ts: throw 3 …`. */
  readonly name: string;
  readonly kind: "row" | "throw";
  readonly room: Room;
  /** The source that changes. */
  readonly path: string;
  readonly change: (source: string) => string;
}

const VERDICT = "src/attestation/verdict.ts";
const CONCLUSION = /(export function concludeVerdict<T>\([\s\S]*?\): Verdict<T> \{\n)/;

/** One mutant for each row that any test's verdict has: it never fails and is never missing. */
export async function rowMutants(copy: WorkCopy, room: Room): Promise<readonly Mutant[]> {
  const ids = await rowIds(copy, room);
  return ids.map((id) => ({
    name: `${room.name}: row ${id}`,
    kind: "row",
    room,
    path: VERDICT,
    change: (source) => afterHeader(source, lettingPass(id)),
  }));
}

/** One mutant for each error that is thrown on purpose; errors that are only passed on are none. */
export function throwMutants(copy: WorkCopy, room: Room): readonly Mutant[] {
  return sourcesOf(room, copy.root).flatMap((path) => {
    const source = readFileSync(join(copy.root, path), "utf8");
    return [...source.matchAll(/\bthrow (?=new |[\w.]+\()/g)].map(({ index }, number) => ({
      name: `${path}: throw ${number + 1} ${excerpt(source, index)}`,
      kind: "throw" as const,
      room,
      path,
      change: (text: string) => `${text.slice(0, index)}void ${text.slice(index + "throw ".length)}`,
    }));
  });
}

async function rowIds(copy: WorkCopy, { tests }: Room): Promise<readonly string[]> {
  const list = join(copy.newDirectory("rows"), "ids.txt");
  const note = `
    for (const { id } of [...required, ...(alternatives ?? [])].flatMap((group) => group.checks)) {
      require("node:fs").appendFileSync(${JSON.stringify(list)}, id + "\\n");
    }
`;
  await copy.changed(
    VERDICT,
    (source) => afterHeader(source, note),
    () => copy.failedTests(tests),
  );
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

/** The message of the error, as far as it tells errors apart. */
function excerpt(source: string, index: number): string {
  const statement = source.slice(index, index + 300);
  return (/[`"]([^`"]{6,60})/.exec(statement.slice(statement.indexOf(",")))?.[1] ?? "").replaceAll("\n", " ");
}
