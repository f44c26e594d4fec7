const MEBIBYTE = 1024 * 1024;

/**
 * Largest message that programs of Contrast 1.4 take, Coordinators as requests and clients as answers: the default of
 * gRPC for Go, which nothing there raises.
 *
 * @see edgelesssys/contrast `coordinator/main.go`, `newGRPCServer`
 */
export const RELEASED_MESSAGE_BYTES = 4 * MEBIBYTE;

/** Largest request of a Coordinator of this program, in MiB: what it can be set to, and what it is unless set. */
export const REQUEST_MEBIBYTES = { least: 4, usual: 64, most: 128 } as const;

/** What no Coordinator takes. */
export const MAX_REQUEST_BYTES = REQUEST_MEBIBYTES.most * MEBIBYTE;

/** What a Coordinator takes that nobody told otherwise, and that has the memory for it. */
export const USUAL_REQUEST_BYTES = REQUEST_MEBIBYTES.usual * MEBIBYTE;

/** A history may have this many times the bytes of one request, so that a manifest of that size can be replaced. */
const REQUESTS_IN_HISTORY = 4;

/** The longest answer of a Coordinator, for what it takes in one request; a client takes what belongs to the largest one. */
export function answerBytesFor(requestBytes: number): number {
  return REQUESTS_IN_HISTORY * requestBytes;
}

/** Room for the certificates beside manifests and policies. */
export const ANSWER_MARGIN_BYTES = MEBIBYTE;

/** Longest answer that a client takes. */
export const MAX_ANSWER_BYTES = answerBytesFor(MAX_REQUEST_BYTES) + ANSWER_MARGIN_BYTES;

/** Memory of a Coordinator of this program that has nothing to do, in MiB. */
export const IDLE_MEBIBYTES = 128;

/**
 * A request is in memory as it came, once more in one piece, and until the garbage collector has seen that it is gone: 3.6
 * times for one request, 5.7 times where many clients send again and again what is refused (measured).
 */
export const MEMORY_PER_HELD_BYTE = 6;

/** Requests of the largest size that a Coordinator can receive at one time. */
export const REQUESTS_AT_ONCE = 2;

/** Memory in MiB with which a Coordinator takes requests of so many MiB, and tells a history that is full. */
export function coordinatorMebibytes(requestMebibytes: number): number {
  return IDLE_MEBIBYTES + (MEMORY_PER_HELD_BYTE * REQUESTS_AT_ONCE + REQUESTS_IN_HISTORY) * requestMebibytes;
}

/** A tag and four bytes of length at most, before each manifest and policy. */
const FIELD_HEADER_BYTES = 5;

/** A previous transition and a signature, which few requests have. */
const OTHER_FIELDS_BYTES = 256;

/** Bytes of a request that sets a manifest, or a few more. */
export function setRequestBytes(manifest: Uint8Array, policies: readonly Uint8Array[]): number {
  const fields = [manifest, ...policies];
  return fields.reduce((sum, { length }) => sum + FIELD_HEADER_BYTES + length, OTHER_FIELDS_BYTES);
}

/** A size as people compare it, such as `58.4 MiB`. */
export function inMebibytes(bytes: number): string {
  return `${(Math.ceil((bytes * 10) / MEBIBYTE) / 10).toFixed(1).replace(/\.0$/, "")} MiB`;
}
