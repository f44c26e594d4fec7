import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { Code, ConnectError, type ContextValues } from "@connectrpc/connect";
import { collectBytes } from "../../lib/byte-stream.ts";
import type { ByteShare } from "./byte-budget.ts";
import type { CallRoute } from "./call-routes.ts";
import type { GrpcObserver } from "./grpc-observer.ts";
import { ANSWER_SLOT, type AnswerSlot } from "./prepared-answer.ts";
import { requestBody } from "./request-body.ts";

/** One call as it came, and what it may use. */
export interface ServedCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly route: CallRoute;
  /** Of this call alone. */
  readonly values: ContextValues;
  /** Released by the caller when the stream is closed. */
  readonly share: ByteShare;
  readonly observer: GrpcObserver;
  /** Aborted when the stream is closed, or its time is over. */
  readonly signal: AbortSignal;
}

/** Answers are made by the server itself; this is only a guard for `collectBytes`. */
const MAX_ANSWER_BYTES = 1024 * 1024 * 1024;

/**
 * Answers one call. Never rejects: what goes wrong becomes a status, or ends the stream.
 *
 * Must be called in the tick in which the stream came.
 */
export async function answerCall(call: ServedCall): Promise<void> {
  const { stream, route, observer } = call;
  const { service, method } = route;
  const startedMs = performance.now();
  observer.started(service, method);
  let code: number = Code.Canceled;
  const admit = async (bytes: number): Promise<void> => await route.admit(bytes, call.values, call.signal);
  const body = requestBody(stream, { share: call.share, signal: call.signal, admit });
  try {
    const answer = await answerOf(call, body);
    if (!stream.destroyed && !stream.closed) {
      call.share.setWaiting(true);
      send(stream, answer);
      code = answer.code;
    }
  } catch {
    endCall(stream, new ConnectError("internal error", Code.Internal));
    code = Code.Internal;
  }
  const name = code === 0 ? "OK" : (Code[code] ?? "Unknown");
  observer.handled(service, method, name, (performance.now() - startedMs) / 1000);
}

interface Answer {
  readonly status: number;
  readonly header: Headers;
  readonly body: readonly Uint8Array[];
  readonly trailer: Headers;
  /** 0 for success. */
  readonly code: number;
}

async function answerOf(call: ServedCall, body: AsyncIterable<Uint8Array>): Promise<Answer> {
  const { headers, route, values, share, signal } = call;
  const slot: AnswerSlot = { prepared: undefined };
  const path = headers[":path"] ?? "";
  const method = headers[":method"] ?? "";
  const response = await route.handler({
    httpVersion: "2.0",
    url: `https://coordinator${path}`,
    method,
    header: webHeaders(headers),
    body,
    signal,
    contextValues: values.set(ANSWER_SLOT, slot),
  });
  const bytes = await collectBytes(response.body ?? noBytes(), MAX_ANSWER_BYTES, () => new Error("too large"));
  // The status stands in the trailer only when the body has ended.
  const { status, header = new Headers(), trailer = new Headers() } = response;
  const code = Number(trailer.get("grpc-status") ?? Code.Unknown);
  if (code === 0 && slot.prepared !== undefined && share.take(PIECE_BYTES)) {
    return { status, header, body: slot.prepared.pieces, trailer, code };
  }
  if (slot.prepared === undefined && share.take(bytes.length)) return { status, header, body: [bytes], trailer, code };
  const error = new ConnectError("the server holds too many answers at the moment", Code.ResourceExhausted);
  return { status, header, body: [], trailer: statusTrailer(error), code: error.code };
}

function send(stream: ServerHttp2Stream, { status, header, body, trailer }: Answer): void {
  const fields = { ":status": status, ...Object.fromEntries(header.entries()) };
  stream.on("wantTrailers", () => stream.sendTrailers(Object.fromEntries(trailer.entries())));
  stream.respond(fields, { waitForTrailers: true });
  sendPiece(stream, body, 0, 0);
}

/** The platform copies what it cannot send yet, so that it gets one piece after the other. */
const PIECE_BYTES = 64 * 1024;

function sendPiece(stream: ServerHttp2Stream, body: readonly Uint8Array[], index: number, at: number): void {
  if (stream.destroyed || stream.closed) return;
  const piece = body[index];
  if (piece === undefined) {
    stream.end();
    return;
  }
  const end = at + PIECE_BYTES;
  const isLast = end >= piece.length;
  const next = (): void => (isLast ? sendPiece(stream, body, index + 1, 0) : sendPiece(stream, body, index, end));
  if (isLast && index === body.length - 1) stream.end(piece.subarray(at));
  else stream.write(piece.subarray(at, end), next);
}

/**
 * Ends a call before its answer. A stream must not simply be closed: Bun (1.4.5) would end its body first, and a body
 * without header is an error of the whole connection to some clients.
 */
export function endCall(stream: ServerHttp2Stream, error: ConnectError): void {
  if (stream.destroyed || stream.closed) return;
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_CANCEL);
    return;
  }
  respondWithStatus(stream, error);
  // The rest of the request is not wanted any more.
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Answers a call of a method that nobody serves, in the protocol of the client. */
export function refuseCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on("data", () => {});
  if (!/^application\/grpc(?:[+;]|$)/.test(headers["content-type"] ?? "")) {
    stream.respond({ ":status": 415 }, { endStream: true });
    return;
  }
  respondWithStatus(stream, new ConnectError("unknown method", Code.Unimplemented));
}

function respondWithStatus(stream: ServerHttp2Stream, error: ConnectError): void {
  const status = Object.fromEntries(statusTrailer(error).entries());
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...status }, { endStream: true });
}

function statusTrailer({ code, rawMessage }: ConnectError): Headers {
  return new Headers({ "grpc-status": String(code), "grpc-message": encodeURIComponent(rawMessage) });
}

function webHeaders(headers: IncomingHttpHeaders): Headers {
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined || isEndlessTimeout(name, value)) continue;
    for (const item of typeof value === "string" ? [value] : value) fields.append(name, item);
  }
  return fields;
}

/** Up to a day in the unit of the header; longer ones say nothing here, and the platform's timers take them for nothing. */
const TIMEOUT_UNITS: Readonly<Record<string, number>> = { H: 24, M: 24 * 60, S: 24 * 60 * 60 };

/** @see gRPC over HTTP2, `Timeout` */
function isEndlessTimeout(name: string, value: string | readonly string[]): boolean {
  if (name !== "grpc-timeout" || typeof value !== "string") return false;
  const longest = TIMEOUT_UNITS[value.slice(-1)];
  return longest !== undefined && Number(value.slice(0, -1)) > longest;
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
