import { createServer, type Socket } from "node:net";
import { renderEndpoint } from "../attestation/atls/endpoint.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { latin1Text } from "../lib/latin1.ts";
import { listen } from "../lib/listen.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "./metrics.ts";

/** What is told about a Coordinator without any proof, to Prometheus and to the kubelet. */
export interface ProbeServerOptions {
  readonly address: { readonly host: string; readonly port: number };
  /** Undefined: there are no metrics here. */
  readonly metrics: Pick<Metrics, "scrape"> | undefined;
  /** Whether both APIs listen; for start-up and liveness. */
  readonly isUp: () => boolean;
  /** Whether a manifest is in force. */
  readonly isReady: () => boolean;
  readonly log: Logger;
  /** For one request; 10 s unless given. */
  readonly timeoutMs?: number | undefined;
}

/** A server that is listening. */
export interface ProbeServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Prometheus and a kubelet need one or two; where there are more, the oldest goes. */
const MAX_CONNECTIONS = 64;
const MAX_HEAD_BYTES = 8 * 1024;
/** For the head of the request and the reading of the answer. */
const TIMEOUT_MS = 10_000;

const REQUEST_LINE = /^(?<method>[A-Z]{1,16}) (?<target>\/[!-~]{0,1023}) HTTP\/1\.[01]\r\n/;

/**
 * Serves `/metrics` and `/probe/startup`, `/probe/liveness`, `/probe/readiness` over HTTP without TLS: one GET or HEAD on
 * each connection, whose other fields and body mean nothing. Written on TCP, because the platform's server of HTTP bounds
 * neither connections nor the time of a request.
 *
 * @throws ContrastError `coordinator/probe-listen-failed`
 */
export async function startProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const { log, address } = options;
  // In the order in which they came.
  const open = new Map<Socket, string>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    if (open.size >= MAX_CONNECTIONS) makeRoom(open);
    open.set(socket, socket.remoteAddress ?? "");
    const timer = setTimeout(() => socket.destroy(), options.timeoutMs ?? TIMEOUT_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      open.delete(socket);
    });
    serveRequest(socket, options).catch((error: unknown) => {
      log.error("cannot answer a probe", { error: messageOf(error) });
      socket.destroy();
    });
  });
  const onLaterError = (error: Error): void => log.error("cannot accept a probe", { error: messageOf(error) });
  const port = await listen(server, address, onLaterError).catch((error: unknown) => {
    const message = `Cannot listen on "${renderEndpoint(address)}": ${messageOf(error)}`;
    throw new ContrastError("coordinator/probe-listen-failed", message, { cause: error });
  });
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open.keys()) socket.destroy();
      }),
  };
}

/**
 * Ends the oldest connection of the address that has most: a kubelet sends its request at once, and whoever keeps
 * connections open must not make it believe that the Coordinator is dead.
 */
function makeRoom(open: Map<Socket, string>): void {
  const counts = new Map<string, number>();
  for (const address of open.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
  const most = Math.max(...counts.values());
  for (const [socket, address] of open) {
    if (counts.get(address) !== most) continue;
    open.delete(socket);
    socket.destroy();
    return;
  }
}

async function serveRequest(socket: Socket, options: ProbeServerOptions): Promise<void> {
  const head = await readHead(socket);
  const { method, target = "" } = REQUEST_LINE.exec(head)?.groups ?? {};
  const answer = method === undefined ? BAD_REQUEST : await answerTo(method, target, options);
  if (socket.destroyed) return;
  const { status, contentType = "text/plain; charset=utf-8", text } = answer;
  const body = new TextEncoder().encode(text);
  const lines = [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
    "X-Content-Type-Options: nosniff",
    ...(status === METHOD_REFUSED ? ["Allow: GET, HEAD"] : []),
    "Connection: close",
    "",
    "",
  ];
  socket.write(lines.join("\r\n"));
  socket.end(method === "HEAD" ? new Uint8Array() : body);
  // What still comes is read and dropped: a reset would take the answer back.
  socket.resume();
}

/** The head of a request; an empty text where the client went away or sends too much. */
function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let head = "";
    const settle = (text: string): void => {
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      resolve(text);
    };
    const onData = (piece: Buffer): void => {
      head += latin1Text(piece);
      if (head.length > MAX_HEAD_BYTES) settle("");
      else if (head.includes("\r\n\r\n")) settle(head);
    };
    const onEnd = (): void => settle("");
    socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  });
}

interface Answer {
  readonly status: string;
  readonly contentType?: string;
  readonly text: string;
}

const METHOD_REFUSED = "405 Method Not Allowed";
const BAD_REQUEST: Answer = { status: "400 Bad Request", text: "bad request\n" };
const UP: Answer = { status: "200 OK", text: "ok\n" };
const DOWN: Answer = { status: "503 Service Unavailable", text: "not yet\n" };

async function answerTo(method: string, target: string, options: ProbeServerOptions): Promise<Answer> {
  const { isUp, isReady, metrics } = options;
  if (method !== "GET" && method !== "HEAD") return { status: METHOD_REFUSED, text: "only GET and HEAD\n" };
  const [path = ""] = target.split("?", 1);
  if (path === "/probe/startup" || path === "/probe/liveness") return isUp() ? UP : DOWN;
  if (path === "/probe/readiness") return isUp() && isReady() ? UP : DOWN;
  if (path !== "/metrics" || metrics === undefined) return { status: "404 Not Found", text: "not found\n" };
  const { contentType, text } = await metrics.scrape();
  return { status: "200 OK", contentType, text };
}
