import type { ErrorCode } from "../../lib/error-codes.ts";
import type { Check } from "../verdict.ts";

/** What a row shows whatever its outcome is. */
export type Row = Pick<Check, "id" | "subject" | "expected" | "actual" | "meaning" | "source">;

/** Why a check was refused or could not be made. */
export interface Obstacle {
  readonly code: ErrorCode;
  /** One sentence without final period. */
  readonly reason?: string | undefined;
  /** One imperative sentence. */
  readonly remedy?: string | undefined;
}

/** A check that was made: `failed` for the reason that is given if it did not go well. */
export function judgedRow(row: Row, isGood: boolean, obstacle: Obstacle): Check {
  return isGood ? { ...row, outcome: "passed" } : { ...row, outcome: "failed", ...obstacle };
}

/** A check that was made and refused. */
export function failedRow(row: Row, obstacle: Obstacle): Check {
  return { ...row, outcome: "failed", ...obstacle };
}

/** A check that could not be made. */
export function unknownRow(row: Row, obstacle: Obstacle): Check {
  return { ...row, outcome: "unknown", ...obstacle };
}

/** A check that the user did not want. */
export function waivedRow(row: Row, reason: string): Check {
  return { ...row, outcome: "waived", reason };
}

/** A value of which nothing is expected. */
export function notJudgedRow(row: Row, reason?: string): Check {
  return { ...row, outcome: "not-judged", ...(reason !== undefined && { reason }) };
}

/** Why a check that builds on another one could not be made. */
export function dependsOn(what: string): Obstacle {
  return { code: "snp/not-checked", reason: `${what} could not be used` };
}
