/** Deadlines of one exchange with a registry. */
export interface RequestLimits {
  /** Longest silence. */
  readonly idleTimeoutMs: number;
  /** Longest time for everything. */
  readonly totalTimeoutMs: number;
}

const IDLE_TIMEOUT_MS = 30_000;
/** A registry that delivers less than this is not waited for. */
const MIN_BYTES_PER_MS = 32;

/** Deadlines for an answer of at most `sizeBytes`. */
export function requestLimits(sizeBytes: number): RequestLimits {
  return {
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    totalTimeoutMs: 2 * IDLE_TIMEOUT_MS + Math.ceil(sizeBytes / MIN_BYTES_PER_MS),
  };
}
