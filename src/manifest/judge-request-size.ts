import {
  inMebibytes,
  MAX_REQUEST_BYTES,
  RELEASED_MESSAGE_BYTES,
  REQUEST_MEBIBYTES,
  USUAL_REQUEST_BYTES,
} from "../proto/message-limits.ts";

/** What one request sets. */
export interface RequestSize {
  /** See `setRequestBytes`. */
  readonly bytes: number;
  /** Number of policies. */
  readonly policies: number;
}

/** What is to be said about a request that not every Coordinator takes. */
export interface RequestAdvice {
  /** Whether no Coordinator takes it. */
  readonly isRefused: boolean;
  /** What it is beyond, in bytes. */
  readonly limitBytes: number;
  /** A problem's text. */
  readonly message: string;
  readonly hint: string;
}

/** What leads out whatever the Coordinator is. */
const SPLIT_HINT = "Split the deployment between several Coordinators, each with a manifest of its own.";

/** How a Coordinator takes as much as it can. */
const RAISE_HINT = `Give the Coordinator --max-request-mib up to ${REQUEST_MEBIBYTES.most} and the memory for it, as "contrast resources coordinator --max-request-mib" does.`;

/** Compares a request with what Coordinators take; undefined where all of them take it. */
export function judgeRequestSize({ bytes, policies }: RequestSize): RequestAdvice | undefined {
  const fact = `the manifest and ${policies} policies have ${inMebibytes(bytes)} together`;
  if (bytes <= RELEASED_MESSAGE_BYTES) return undefined;
  const isRefused = bytes > MAX_REQUEST_BYTES;
  const advice = (limitBytes: number, rest: string, hint: string): RequestAdvice => ({
    isRefused,
    limitBytes,
    message: `${fact}; ${rest} ${inMebibytes(limitBytes)} in one request`,
    hint,
  });
  if (isRefused) return advice(MAX_REQUEST_BYTES, "no Coordinator takes more than", SPLIT_HINT);
  if (bytes > USUAL_REQUEST_BYTES) {
    return advice(USUAL_REQUEST_BYTES, "unless it is told otherwise, a Coordinator takes", RAISE_HINT);
  }
  const hint = `Use the Coordinator of this program, which takes ${inMebibytes(USUAL_REQUEST_BYTES)} where it has the memory, or split the deployment.`;
  return advice(RELEASED_MESSAGE_BYTES, "Coordinators of Contrast 1.4 take", hint);
}

/** What to do about a refusal by a Coordinator that takes no more than this. */
export function hintForLimit(limitBytes: number): string {
  if (limitBytes >= MAX_REQUEST_BYTES) return SPLIT_HINT;
  if (limitBytes > RELEASED_MESSAGE_BYTES) return RAISE_HINT;
  return `Use the Coordinator of this program; one of Contrast 1.4 takes no more. ${RAISE_HINT}`;
}
