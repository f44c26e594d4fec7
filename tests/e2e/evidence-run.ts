import { runBinary } from "./run-binary.ts";

interface Row {
  readonly id: string;
  readonly outcome: string;
  readonly code?: string;
  readonly actual?: string;
}

interface Group {
  readonly name: string;
  readonly kind: "required" | "alternative";
  readonly outcome: string;
  readonly checks: readonly Row[];
}

interface Result {
  readonly ok: boolean;
  readonly code?: string;
  readonly insecure?: boolean;
  readonly notJudged?: readonly string[];
  readonly verdict?: { readonly outcome: string; readonly groups: readonly Group[]; readonly earliestExpiry?: string };
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
}

/** How the compiled binary answered about one piece of evidence. */
export interface EvidenceAnswer {
  readonly status: number | null;
  /** Of the verdict, or the code of the error where there was none. */
  readonly outcome: string;
  /** Ids of the failed rows of all groups, sorted. */
  readonly failed: readonly string[];
  readonly result: Result;
  readonly stderr: string;
}

/** Runs `contrast evidence verify --format json --offline` without a cache. */
export async function verifyEvidence(...args: readonly string[]): Promise<EvidenceAnswer> {
  const { status, stdout, stderr } = await runBinary(["evidence", "verify", "--format", "json", "--offline", ...args]);
  const result = JSON.parse(stdout) as Result;
  const rows = result.verdict?.groups.flatMap(({ checks }) => checks) ?? [];
  return {
    status,
    outcome: result.verdict?.outcome ?? result.code ?? "",
    failed: rows.flatMap(({ id, outcome }) => (outcome === "failed" ? [id] : [])).toSorted(),
    result,
    stderr,
  };
}
