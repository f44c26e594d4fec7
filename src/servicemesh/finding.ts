import type { ErrorCode } from "../lib/error-codes.ts";
import type { Severity } from "../lib/finding.ts";

/** Something to say about one annotation of the service mesh. */
export interface Finding {
  readonly severity: Severity;
  readonly code: ErrorCode;
  /** Full annotation key. */
  readonly annotation: string;
  /** Number of the entry, counted from 1 as users count; undefined for the annotation as a whole. */
  readonly entry: number | undefined;
  /** The fact, with the offending text. */
  readonly message: string;
  readonly hint: string | undefined;
}

/** Receives findings in the order of the text. */
export type Report = (finding: Finding) => void;
