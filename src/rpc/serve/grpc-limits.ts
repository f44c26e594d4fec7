/** Upper bounds that no client can pass. */
export interface GrpcLimits {
  /** Calls at one time on one connection. */
  readonly streams: number;
  /** Of one header, as HTTP/2 counts it. */
  readonly headerBytes: number;
  /** Streams that a client resets before they are answered, in one window of time; more end its connection. */
  readonly resets: number;
  readonly resetWindowMs: number;
  /** Of requests and answers that all clients together make the server hold; more are refused. */
  readonly heldBytes: number;
  /** A call that waits for its client for so long, from its beginning or its answer, makes room where there is none left. */
  readonly patienceMs: number;
  /** For one call from its header to the last byte of the answer. */
  readonly callTimeoutMs: number;
  /** A connection on which nothing arrived for so long is asked for a sign of life. */
  readonly keepaliveMs: number;
  /** For the answer to that. */
  readonly keepaliveAckMs: number;
  /** A connection without calls for so long is closed. */
  readonly idleMs: number;
  /** How often these times are looked at. */
  readonly tickMs: number;
}

/** The times of keepalive are those of Contrast 1.4; the others are ours. */
export const DEFAULT_GRPC_LIMITS: GrpcLimits = {
  streams: 32,
  headerBytes: 16 * 1024,
  resets: 64,
  resetWindowMs: 30_000,
  heldBytes: 256 * 1024 * 1024,
  patienceMs: 5000,
  callTimeoutMs: 120_000,
  keepaliveMs: 15_000,
  keepaliveAckMs: 20_000,
  idleMs: 300_000,
  tickMs: 1000,
};
