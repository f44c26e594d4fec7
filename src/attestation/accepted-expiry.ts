import { renderInstant } from "../lib/instant.ts";
import { waivedRow } from "./check-row.ts";
import type { Check } from "./verdict.ts";

/** Collateral after its end is taken until some time, because the user said so. It is never about certificates. */
export interface AcceptedExpiry {
  readonly until: Date;
  /** Told of every piece that is taken although it has ended. */
  readonly warn: (warning: string) => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether the user takes what ended before a time. Nothing is taken that names no end, or has not begun. */
export function isAccepted(end: Date | undefined, at: Date, until: Date | undefined): end is Date {
  return end !== undefined && until !== undefined && end <= at && at < until;
}

/** The row of a piece that is taken although it has ended. */
export function acceptedRow<R extends Partial<Check>>(row: R, end: Date, at: Date, until: Date): R & WaivedRow {
  return waivedRow(row, `it ${ended(end, at)}, and it was chosen to accept that until ${renderInstant(until)}`);
}

type WaivedRow = Pick<Check, "outcome" | "code" | "reason" | "remedy">;

/** Such as `expired 2026-01-31T12:00:00Z, 12 days before the time that is judged`. */
export function ended(end: Date, at: Date): string {
  const days = Math.floor((at.getTime() - end.getTime()) / DAY_MS);
  const age = days === 0 ? "less than a day" : `${days} day${days === 1 ? "" : "s"}`;
  return `expired ${renderInstant(end)}, ${age} before the time that is judged`;
}
