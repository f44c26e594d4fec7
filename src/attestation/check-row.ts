import type { ErrorCode } from "../lib/error-codes.ts";
import type { Check } from "./verdict.ts";

/** What a check shows whatever its outcome is. */
export type Row = Pick<Check, "id" | "subject" | "expected" | "actual" | "meaning" | "source">;

/** A row with its outcome; a whole check where the row has its name. */
type Judged<R> = R & Pick<Check, "outcome" | "code" | "reason" | "remedy">;

/** Why a check was refused or could not be made. */
export interface Obstacle {
  /** Explained by `contrast help CODE`. */
  readonly code: ErrorCode;
  /** One sentence without final period. */
  readonly reason?: string | undefined;
  /** One imperative sentence. */
  readonly remedy?: string | undefined;
}

/** A check that was made: `failed` for the reason that is given if it did not go well. */
export function judgedRow<R extends Partial<Row>>(row: R, isGood: boolean, obstacle: Obstacle): Judged<R> {
  return isGood ? { ...row, outcome: "passed" } : { ...row, outcome: "failed", ...obstacle };
}

/** A check that was made and refused. */
export function failedRow<R extends Partial<Row>>(row: R, obstacle: Obstacle): Judged<R> {
  return { ...row, outcome: "failed", ...obstacle };
}

/** A check that could not be made. */
export function unknownRow<R extends Partial<Row>>(row: R, obstacle: Obstacle): Judged<R> {
  return { ...row, outcome: "unknown", ...obstacle };
}

/** A check that the user did not want. */
export function waivedRow<R extends Partial<Row>>(row: R, reason: string): Judged<R> {
  return { ...row, outcome: "waived", reason };
}

/** A value of which nothing is expected. */
export function notJudgedRow<R extends Partial<Row>>(row: R, reason?: string): Judged<R> {
  return { ...row, outcome: "not-judged", ...(reason !== undefined && { reason }) };
}
