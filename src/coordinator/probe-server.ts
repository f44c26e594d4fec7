import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { renderEndpoint } from "../attestation/atls/endpoint.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
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
}

/** A server that is listening. */
export interface ProbeServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Prometheus and a kubelet need one or two. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
/** For the head of a request. */
const REQUEST_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 65_000;

/**
 * Serves `/metrics` and `/probe/startup`, `/probe/liveness`, `/probe/readiness` over HTTP without TLS. Only GET and HEAD
 * are answered; bodies are not read.
 *
 * @throws ContrastError `coordinator/probe-listen-failed`
 */
export async function startProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    },
    (request, response) => {
      response.on("error", () => {});
      answer(request, response, options).catch((error: unknown) => {
        options.log.error("cannot answer a probe", { error: messageOf(error) });
        response.destroy();
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", (_error, socket) => socket.destroy());
  const { host, port } = options.address;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const message = `Cannot listen on "${renderEndpoint(options.address)}": ${messageOf(error)}`;
      reject(new ContrastError("coordinator/probe-listen-failed", message, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  server.on("error", (error) => options.log.error("cannot accept a probe", { error: messageOf(error) }));
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ProbeServerOptions): Promise<void> {
  const { method = "", url = "" } = request;
  // What follows the head is nobody's business; the connection ends with the answer.
  if (request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined) {
    response.setHeader("Connection", "close");
  }
  if (method !== "GET" && method !== "HEAD") {
    respond(response, 405, "only GET and HEAD\n", { Allow: "GET, HEAD" });
    return;
  }
  const [path = ""] = url.split("?", 1);
  switch (path) {
    case "/probe/startup":
    case "/probe/liveness":
      probe(response, options.isUp());
      return;
    case "/probe/readiness":
      probe(response, options.isUp() && options.isReady());
      return;
    case "/metrics":
      if (options.metrics !== undefined) {
        const { contentType, text } = await options.metrics.scrape();
        respond(response, 200, text, { "Content-Type": contentType });
        return;
      }
  }
  respond(response, 404, "not found\n");
}

function probe(response: ServerResponse, isGood: boolean): void {
  respond(response, isGood ? 200 : 503, isGood ? "ok\n" : "not yet\n");
}

function respond(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Content-Length": String(new TextEncoder().encode(text).length),
    ...headers,
  });
  response.end(text);
}
