import type { Check, Verdict } from "../../src/attestation/verdict.ts";

/** The rows of a verdict that speak against it: `group id outcome code`, in order. */
export function troubleOf(verdict: Verdict<unknown>): readonly string[] {
  return [...verdict.required, ...(verdict.alternatives ?? [])].flatMap(({ name, checks }) =>
    checks
      .filter(({ outcome }) => outcome === "failed" || outcome === "unknown")
      .map(({ id, outcome, code }) => `${name} ${id} ${outcome} ${code}`),
  );
}

/** Like `troubleOf`, without what could not be checked. */
export function failedOf(verdict: Verdict<unknown>): readonly string[] {
  return troubleOf(verdict).filter((row) => row.includes(" failed "));
}

/** Like `troubleOf`, without the rows that only say that they build on another one. */
export function causesOf(verdict: Verdict<unknown>): readonly string[] {
  return troubleOf(verdict).filter((row) => !row.endsWith(" unknown snp/not-checked"));
}

/** The row of an id, whatever group it is in. */
export function rowOf(verdict: Verdict<unknown>, id: string): Check | undefined {
  return [...verdict.required, ...(verdict.alternatives ?? [])]
    .flatMap(({ checks }) => checks)
    .find((check) => check.id === id);
}
