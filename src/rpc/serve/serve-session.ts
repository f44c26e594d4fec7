import { type IncomingHttpHeaders, performServerHandshake } from "node:http2";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { ServedConnection } from "../../attestation/atls/serve/served-connection.ts";
import { startDeadline } from "../../lib/deadline.ts";
import { answerCall, endCall, refuseCall } from "./answer-call.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { CallRoutes } from "./call-routes.ts";
import type { GrpcLimits } from "./grpc-limits.ts";
import type { GrpcObserver } from "./grpc-observer.ts";
import { WatchedSession } from "./watched-session.ts";

/** What a connection is served with. */
export interface SessionParts<Admission> {
  readonly routes: CallRoutes<Admission>;
  readonly limits: GrpcLimits;
  readonly budget: ByteBudget;
  readonly observer: GrpcObserver;
  /** Told whether the connection has no call. */
  readonly setWaiting: (isWaiting: boolean) => void;
}

/** As HTTP/2 has it unless told otherwise; what clients send before it is read is bounded by it. */
const WINDOW_BYTES = 65_535;

const MEBIBYTE = 1024 * 1024;

/**
 * What a session may hold beside the bodies that the budget bounds. With less, the platform (Bun 1.4.5) drops the header
 * of an answer while others wait to be sent, and clients see a trailer that follows nothing.
 */
const OWN_MEBIBYTES = 10;

/**
 * Speaks HTTP/2 on a connection that was checked. The first byte of HTTP/2 is read by this call.
 *
 * @param onClose called once when the connection is gone
 */
export function serveSession<Admission>(
  connection: ServedConnection<Admission>,
  { routes, limits, budget, observer, setWaiting }: SessionParts<Admission>,
  onClose: () => void,
): WatchedSession {
  const { socket } = connection;
  const session = performServerHandshake(socket, {
    maxHeaderListPairs: 64,
    maxSettings: 32,
    maxSessionMemory: OWN_MEBIBYTES + Math.ceil(limits.heldBytes / MEBIBYTE),
    settings: {
      enablePush: false,
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: WINDOW_BYTES,
    },
  });
  const clockMs = (): number => performance.now();
  const watched = new WatchedSession({ session, socket, limits, clockMs, setWaiting });
  session.on("error", () => watched.destroy());
  socket.once("close", onClose);
  session.once("close", () => socket.destroySoon());
  session.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    watched.watch(stream);
    const route = isProtobuf(headers) ? routes.find(headers[":path"] ?? "") : undefined;
    if (route === undefined) {
      refuseCall(stream, headers);
      return;
    }
    const closed = new AbortController();
    const deadline = startDeadline(limits.callTimeoutMs, closed.signal);
    const refuse = (): void => {
      endCall(stream, new ConnectError("the server holds too many requests at the moment", Code.ResourceExhausted));
      closed.abort();
    };
    const share = budget.open(refuse);
    stream.once("close", () => {
      closed.abort();
      deadline.stop();
      share.release();
    });
    const timeout = new ConnectError("the call takes too long", Code.DeadlineExceeded);
    deadline.signal.addEventListener("abort", () => endCall(stream, timeout), { once: true });
    if (!share.take(headerBytes(headers))) {
      refuse();
      return;
    }
    const values = createContextValues().set(routes.connectionKey, connection);
    void answerCall({ stream, headers, route, values, share, observer, signal: deadline.signal });
  });
  return watched;
}

/** Connect would read JSON too, whose cost nothing here bounds. */
function isProtobuf(headers: IncomingHttpHeaders): boolean {
  return /^application\/grpc(?:\+proto)?(?:;|$)/.test(headers["content-type"] ?? "");
}

/** The size of a header as HTTP/2 counts it. @see RFC 9113, section 6.5.2 */
function headerBytes(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) bytes += name.length + String(value).length + 32;
  return bytes;
}
