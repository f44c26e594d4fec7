import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** What looks at the bytes of a handshake, and decides which of them pass. */
export interface HandshakeWatch {
  /** Takes bytes of the peer. @returns what passes now */
  readonly onReceived: (bytes: Uint8Array) => readonly Uint8Array[];
  /** Takes bytes for the peer; they pass unless it throws. */
  readonly onSent: (bytes: Uint8Array) => void;
  /** What either of them throws; nothing passes any more. */
  readonly onFailure: (error: unknown) => void;
}

/** A connection as a TLS stack takes it, between itself and TCP. */
export class HandshakeFilter extends Duplex {
  readonly #socket: Socket;
  #watch: HandshakeWatch | undefined;

  /** @param socket TCP; the filter reads all of it, and ends with it */
  constructor(socket: Socket, watch: HandshakeWatch) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#watch = watch;
    socket.on("data", (data) => this.#receive(typeof data === "string" ? Buffer.from(data) : data));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** Lets all bytes pass unseen from now on; nothing may be held back any more. */
  open(): void {
    this.#watch = undefined;
  }

  /** Hands bytes of the peer on. */
  pass(bytes: readonly Uint8Array[]): void {
    for (const piece of bytes) {
      if (!this.destroyed && !this.push(piece)) this.#socket.pause();
    }
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.pass(this.#watch?.onReceived(bytes) ?? [bytes]);
    } catch (error) {
      this.#fail(error);
    }
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.#watch?.onSent(bytes);
    } catch (error) {
      this.#fail(error);
      done();
      return;
    }
    this.#socket.write(bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #fail(error: unknown): void {
    this.#watch?.onFailure(error);
    this.destroy();
  }
}
