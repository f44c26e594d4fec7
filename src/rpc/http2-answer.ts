import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientResponse } from "@connectrpc/connect/protocol";
import { joinBytes } from "../lib/byte-stream.ts";
import { ContrastError } from "../lib/errors.ts";

/** A flag and four bytes of length stand before each gRPC message; the reader gets them at once, to judge the length. */
const FRAME_HEADER_BYTES = 5;

/**
 * What follows is handed on in pieces of this size or more. Connect counts all it has at every piece, and the peer
 * decides how small its pieces are: one byte at a time would keep the program busy beyond every time limit.
 */
const BATCH_BYTES = 64 * 1024;

/**
 * Collects the answer on one stream. It is complete only when trailers came, or when the status of the call already stood
 * in the header; a stream that ends before that is a lost connection, also where the platform calls it an ordinary end.
 */
export class Http2Answer {
  /** Settles with the header; body and trailers follow. Rejects where the stream fails before. */
  readonly head: Promise<UniversalClientResponse>;
  readonly #stream: ClientHttp2Stream;
  readonly #maxBodyBytes: number;
  readonly #trailer = new Headers();
  readonly #settle: { resolve(answer: UniversalClientResponse): void; reject(reason: unknown): void };
  #pieces: Uint8Array[] = [];
  #receivedBytes = 0;
  /** In `#pieces`. */
  #waitingBytes = 0;
  /** That the reader has. */
  #takenBytes = 0;
  #isStatusKnown = false;
  #isEnded = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(stream: ClientHttp2Stream, maxBodyBytes: number) {
    const { promise, resolve, reject } = Promise.withResolvers<UniversalClientResponse>();
    this.head = promise;
    this.#settle = { resolve, reject };
    this.#stream = stream;
    this.#maxBodyBytes = maxBodyBytes;
    stream.on("response", (headers) => this.#orFail(() => this.#receiveHead(headers)));
    stream.on("data", (piece: Uint8Array) => this.#receive(piece));
    stream.on("trailers", (headers) => this.#orFail(() => this.#receiveTrailer(headers)));
    stream.on("end", () => this.#end());
    stream.on("error", (error) => this.fail(lost(error)));
    stream.on("close", () => this.#end());
  }

  /** Ends the exchange where it is not complete yet; the first reason counts. */
  fail(reason: unknown): void {
    if (this.#failure !== undefined || (this.#isEnded && this.#isStatusKnown)) return;
    this.#failure = { reason };
    this.#pieces = [];
    this.#settle.reject(reason);
    this.#wake();
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #receiveHead(headers: IncomingHttpHeaders): void {
    const header = new Headers();
    addFields(header, headers);
    this.#isStatusKnown = header.has("grpc-status");
    const status = Number(headers[":status"]);
    this.#settle.resolve({ status, header, body: this.#body(), trailer: this.#trailer });
  }

  #receiveTrailer(headers: IncomingHttpHeaders): void {
    addFields(this.#trailer, headers);
    this.#isStatusKnown = true;
  }

  #receive(piece: Uint8Array): void {
    if (this.#failure !== undefined) return;
    this.#receivedBytes += piece.length;
    if (this.#receivedBytes > this.#maxBodyBytes) {
      this.fail(answerTooLarge(this.#receivedBytes, this.#maxBodyBytes));
      return;
    }
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#isDue) this.#wake();
  }

  #end(): void {
    if (!this.#isStatusKnown) {
      // The trailers can follow the end of the data; when the stream is closed they cannot any more.
      if (this.#stream.closed || this.#stream.destroyed) this.fail(lost());
      return;
    }
    this.#isEnded = true;
    this.#wake();
  }

  async *#body(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#isDue) yield this.#take();
        else if (this.#isEnded) return;
        else await this.#news();
      }
    } finally {
      // Whoever stops reading wants no more of it; nothing that still arrives is kept.
      this.fail(new ConnectError("the answer was not read to its end", Code.Canceled));
    }
  }

  /** Whether what waits is worth a turn of the reader. */
  get #isDue(): boolean {
    if (this.#waitingBytes === 0) return false;
    return this.#isEnded || this.#waitingBytes >= BATCH_BYTES || this.#takenBytes < FRAME_HEADER_BYTES;
  }

  #take(): Uint8Array {
    const batch = joinBytes(this.#pieces);
    this.#pieces = [];
    this.#waitingBytes = 0;
    this.#takenBytes += batch.length;
    return batch;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#failure !== undefined || this.#isEnded || this.#isDue) resolve();
    });
  }

  /** What a peer sends can be unfit for the platform's types, such as a header with a forbidden character. */
  #orFail(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(error);
    }
  }
}

/** The error of an answer beyond its limit; `bytes` is what was announced or received. */
export function answerTooLarge(bytes: number, maxBytes: number): ContrastError {
  const fact = `got ${bytes} bytes, want at most ${maxBytes}`;
  return new ContrastError("rpc/answer-too-large", `Cannot read the answer: ${fact}`, {
    hint: "Look into the log of the Coordinator; no usual history of manifests is this large.",
    details: { actual: bytes, expected: maxBytes },
  });
}

function addFields(target: Headers, fields: IncomingHttpHeaders): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const one of typeof value === "string" ? [value] : value) target.append(name, one);
  }
}

function lost(cause?: unknown): ConnectError {
  return new ConnectError("the connection was lost during the call", Code.Unavailable, undefined, undefined, cause);
}
