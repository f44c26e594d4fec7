import type { ServerHttp2Stream } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { joinBytes } from "../../lib/byte-stream.ts";
import { FieldCounter } from "./field-counter.ts";
import type { ByteShare } from "./byte-budget.ts";

/** A flag and four bytes of length stand before each gRPC message; the reader gets them at once, to judge the length. */
const FRAME_HEADER_BYTES = 5;

/**
 * What follows is handed on in pieces of this size or more: Connect counts all it has at every piece, and the client
 * decides how small its pieces are.
 */
const BATCH_BYTES = 64 * 1024;

/**
 * The body of a request. Must be called in the tick in which the stream came.
 */
export function requestBody(stream: ServerHttp2Stream, parts: RequestBodyParts): AsyncIterable<Uint8Array> {
  const { share, signal } = parts;
  const body = new RequestBody(parts);
  stream.on("data", (piece: Uint8Array) => {
    if (!body.push(piece)) stream.pause();
  });
  stream.on("end", () => {
    share.setWaiting(false);
    body.end();
  });
  signal.addEventListener("abort", () => body.fail(signal.reason), { once: true });
  return body.pieces();
}

/** What a body is read with. */
export interface RequestBodyParts {
  /** What is received counts in it. */
  readonly share: ByteShare;
  /** Ends the reading with its reason. */
  readonly signal: AbortSignal;
  /** Asked with the length that the client announces, before more is read; throws where it is not wanted. */
  readonly admit: (bytes: number) => Promise<void>;
}

/** What may follow the message, which is then refused for it: nobody was asked whether more is wanted. */
const MAX_EXTRA_BYTES = 16 * 1024;

/** Twice as many as any request needs; a thousand of them take some 0.1 ms to read. */
const MAX_FIELDS = 20_000;

class RequestBody {
  readonly #fields = new FieldCounter(MAX_FIELDS);
  readonly #share: ByteShare;
  readonly #admit: RequestBodyParts["admit"];
  /** Of the whole body; known when its header was read. */
  #maxBytes = Number.POSITIVE_INFINITY;
  #receivedBytes = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #handedBytes = 0;
  #isEnded = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: () => void = () => {};

  constructor({ share, admit }: RequestBodyParts) {
    this.#share = share;
    this.#admit = admit;
  }

  /** @returns false where nothing more is taken */
  push(piece: Uint8Array): boolean {
    if (this.#failure !== undefined) return false;
    if (!this.#share.take(piece.length)) {
      this.fail(new ConnectError("the server holds too many requests at the moment", Code.ResourceExhausted));
      return false;
    }
    this.#receivedBytes += piece.length;
    if (this.#isTooLong()) return false;
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    this.#wake();
    return true;
  }

  #isTooLong(): boolean {
    if (this.#receivedBytes <= this.#maxBytes) return false;
    this.fail(new ConnectError("more than one message was sent", Code.ResourceExhausted));
    return true;
  }

  /** Reads the header at the begin of the first piece. */
  async #judge(piece: Uint8Array): Promise<void> {
    if (piece.length < FRAME_HEADER_BYTES) return;
    const announced = new DataView(piece.buffer, piece.byteOffset, piece.byteLength).getUint32(1);
    try {
      await this.#admit(announced);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.#maxBytes = FRAME_HEADER_BYTES + announced + MAX_EXTRA_BYTES;
    this.#isTooLong();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#waiting = [];
    this.#wake();
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      const wanted = this.#handedBytes === 0 ? FRAME_HEADER_BYTES : BATCH_BYTES;
      if (this.#waitingBytes > 0 && (this.#isEnded || this.#waitingBytes >= wanted)) {
        const piece = joinBytes(this.#waiting);
        this.#waiting = [];
        this.#waitingBytes = 0;
        if (this.#handedBytes === 0) await this.#judge(piece);
        this.#handedBytes += piece.length;
        if (!this.#fields.push(piece))
          throw new ConnectError("the message has too many fields", Code.ResourceExhausted);
        yield piece;
      } else if (this.#isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
