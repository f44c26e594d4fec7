import {
  answerBytesFor,
  IDLE_MEBIBYTES,
  MEMORY_PER_HELD_BYTE,
  REQUEST_MEBIBYTES,
  REQUESTS_AT_ONCE,
  USUAL_REQUEST_BYTES,
} from "../proto/message-limits.ts";

const MEBIBYTE = 1024 * 1024;

/** Room for some ten thousand policies; what is parsed of it stays in memory. */
export const MAX_MANIFEST_BYTES = 4 * MEBIBYTE;

/** Manifests up to here take some 3 ms to parse at worst, as long as a handshake; nobody needs to be an owner for that. */
export const QUICK_MANIFEST_BYTES = 8 * 1024;

/** Policies of one request; each different one becomes a file. */
export const MAX_POLICIES = 10_000;

/** What a Coordinator takes of its users. */
export interface RequestLimits {
  /** Of one request. */
  readonly requestBytes: number;
  /** Of all manifests and policies of the history together, which every client gets in one answer. */
  readonly answerBytes: number;
  /** Of requests that all clients together make it hold. */
  readonly heldBytes: number;
}

/** A Coordinator with enough memory that nobody told otherwise. */
export const USUAL_REQUEST_LIMITS: RequestLimits = limitsOf(USUAL_REQUEST_BYTES, 256 * MEBIBYTE);

/**
 * Chooses limits that the memory is enough for. A Coordinator with hardly any takes 4 MiB, as version 1.4 does.
 *
 * @param mebibytes wanted for one request
 * @param memoryBytes that the process may have
 */
export function requestLimits(mebibytes: number, memoryBytes: number): RequestLimits {
  const wantedBytes = mebibytes * MEBIBYTE;
  const wantedHeld = Math.max(USUAL_REQUEST_LIMITS.heldBytes, REQUESTS_AT_ONCE * wantedBytes);
  const leastHeld = REQUESTS_AT_ONCE * REQUEST_MEBIBYTES.least * MEBIBYTE;
  const affordable = Math.floor((memoryBytes - IDLE_MEBIBYTES * MEBIBYTE) / MEMORY_PER_HELD_BYTE);
  const heldBytes = Math.max(leastHeld, Math.min(wantedHeld, affordable));
  return limitsOf(Math.min(wantedBytes, Math.floor(heldBytes / REQUESTS_AT_ONCE)), heldBytes);
}

function limitsOf(requestBytes: number, heldBytes: number): RequestLimits {
  return { requestBytes, answerBytes: answerBytesFor(requestBytes), heldBytes };
}
