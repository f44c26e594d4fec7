import { connect, type ClientHttp2Session } from "node:http2";
import type { TLSSocket } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest } from "@connectrpc/connect/protocol";
import { Http2Answer } from "./http2-answer.ts";
import { sendBody } from "./send-body.ts";

/** HTTP/2 over one connection. There is no reconnecting: a new connection needs a new attestation. */
export interface Http2Client {
  /** One exchange, as Connect's transports want it; a broken connection is `Unavailable`. */
  readonly request: UniversalClientFn;
  /** Whether anything of HTTP/2 came from the peer. */
  readonly hasPeerSpoken: () => boolean;
  /** Ends the connection and everything under way on it. */
  readonly close: () => void;
}

/** Received at once without waiting for the reader; the default of 64 KiB would make large answers slow. */
const WINDOW_BYTES = 1024 * 1024;

/**
 * Speaks HTTP/2 on a TLS connection whose peer was attested. The first byte of HTTP/2 is sent by this call.
 *
 * Connect's own client starts to read too late when all frames of an answer arrive at once, takes a lost connection for
 * a cancelled call, and connects again by itself; hence this one.
 *
 * @param origin such as `https://203.0.113.7:1313`; requests go to this origin only
 * @param maxBodyBytes of one answer; a longer one is cut off and refused
 */
export function createHttp2Client(socket: TLSSocket, origin: string, maxBodyBytes: number): Http2Client {
  const underWay = new Set<Http2Answer>();
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
  });
  let hasPeerSpoken = false;
  session.on("remoteSettings", () => {
    hasPeerSpoken = true;
  });
  let lost: ConnectError | undefined;
  const lose = (cause?: unknown): void => {
    lost ??= isProtocolError(cause)
      ? new ConnectError("what the peer sends is not HTTP/2", Code.Internal)
      : new ConnectError("the connection was lost", Code.Unavailable, undefined, undefined, cause);
    for (const answer of underWay) answer.fail(lost);
  };
  session.on("error", lose);
  session.on("close", () => lose());
  // A session on a socket that was lost earlier, such as while its peer was judged, has no event for that.
  if (socket.destroyed) lose();
  const request: UniversalClientFn = (request) => {
    if (lost !== undefined) return Promise.reject(lost);
    return exchange(session, request, maxBodyBytes, underWay);
  };
  return {
    request,
    hasPeerSpoken: () => hasPeerSpoken,
    close: () => {
      session.destroy();
      socket.destroy();
    },
  };
}

function isProtocolError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_HTTP2_ERROR";
}

async function exchange(
  session: ClientHttp2Session,
  request: UniversalClientRequest,
  maxBodyBytes: number,
  underWay: Set<Http2Answer>,
): ReturnType<UniversalClientFn> {
  const { url, method, header, body, signal } = request;
  signal?.throwIfAborted();
  const { pathname, search } = new URL(url);
  const stream = startStream(session, {
    ":method": method,
    ":path": `${pathname}${search}`,
    ...Object.fromEntries(header.entries()),
  });
  // The listeners must be there in the same tick: a whole answer can arrive in the next.
  const answer = new Http2Answer(stream, maxBodyBytes);
  underWay.add(answer);
  const onAbort = (): void => answer.fail(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  stream.once("close", () => {
    underWay.delete(answer);
    signal?.removeEventListener("abort", onAbort);
  });
  sendBody(stream, body).catch((error: unknown) => answer.fail(error));
  return answer.head;
}

function startStream(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
): ReturnType<ClientHttp2Session["request"]> {
  try {
    return session.request(headers);
  } catch (error) {
    // The session went away, and its event has not arrived yet.
    throw new ConnectError("the connection was lost", Code.Unavailable, undefined, undefined, error);
  }
}
