import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { GrpcLimits } from "./grpc-limits.ts";

/** What a connection is watched by. */
export interface SessionWatch {
  readonly session: ServerHttp2Session;
  readonly socket: TLSSocket;
  readonly limits: GrpcLimits;
  /** A clock that only goes forward. */
  readonly clockMs: () => number;
  /** Told whether there is no call. */
  readonly setWaiting: (isWaiting: boolean) => void;
}

/**
 * Watches over one connection: asks for a sign of life where nothing arrives, closes what is not used, and ends what
 * opens calls only to reset them.
 */
export class WatchedSession {
  readonly #session: ServerHttp2Session;
  readonly #socket: TLSSocket;
  readonly #limits: GrpcLimits;
  readonly #clockMs: () => number;
  readonly #setWaiting: (isWaiting: boolean) => void;
  #streams = 0;
  /** The last sign of life that is known; the platform does not tell what a TLS socket under HTTP/2 has read. */
  #aliveAtMs: number;
  #usedAtMs: number;
  /** Undefined where no sign of life is waited for. */
  #askedAtMs: number | undefined;
  /** Undefined while HTTP/2 is spoken. */
  #endedAtMs: number | undefined;
  #resets = 0;
  #resetWindowAtMs: number;

  constructor({ session, socket, limits, clockMs, setWaiting }: SessionWatch) {
    const nowMs = clockMs();
    this.#clockMs = clockMs;
    this.#setWaiting = setWaiting;
    this.#session = session;
    this.#socket = socket;
    this.#limits = limits;
    this.#aliveAtMs = nowMs;
    this.#usedAtMs = nowMs;
    this.#resetWindowAtMs = nowMs;
    setWaiting(true);
  }

  /** Counts a call. */
  watch(stream: ServerHttp2Stream): void {
    if (this.#streams++ === 0) this.#setWaiting(false);
    this.#aliveAtMs = this.#clockMs();
    stream.once("close", () => {
      if (--this.#streams === 0) this.#setWaiting(true);
      const nowMs = this.#clockMs();
      this.#usedAtMs = nowMs;
      if (!stream.headersSent) this.#countReset(nowMs);
    });
  }

  /** Looks at the time. */
  tick(): void {
    const nowMs = this.#clockMs();
    const { keepaliveMs, keepaliveAckMs, idleMs } = this.#limits;
    if (this.#session.destroyed) {
      // What was sent last may stay with a client that does not read.
      this.#endedAtMs ??= nowMs;
      if (nowMs - this.#endedAtMs >= keepaliveAckMs) this.#socket.destroy();
    } else if (this.#askedAtMs !== undefined) {
      if (nowMs - this.#askedAtMs >= keepaliveAckMs) this.destroy();
    } else if (this.#streams === 0 && nowMs - this.#usedAtMs >= idleMs) {
      this.close();
    } else if (nowMs - this.#aliveAtMs >= keepaliveMs) {
      this.#askedAtMs = nowMs;
      this.#session.ping(() => {
        this.#askedAtMs = undefined;
        this.#aliveAtMs = this.#clockMs();
      });
    }
  }

  /** Tells the client that no new call is taken, and ends the connection when the calls under way are done. */
  close(): void {
    if (this.#session.closed || this.#session.destroyed) return;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  #countReset(nowMs: number): void {
    const { resets, resetWindowMs } = this.#limits;
    if (nowMs - this.#resetWindowAtMs >= resetWindowMs) {
      this.#resetWindowAtMs = nowMs;
      this.#resets = 0;
    }
    this.#resets++;
    if (this.#resets <= resets || this.#session.destroyed) return;
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.destroy();
  }
}
