import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { sha512 } from "../lib/digest.ts";
import { parseJson } from "../lib/json.ts";
import { listen } from "../lib/listen.ts";
import { randomHex } from "../lib/random.ts";
import { CONTROL_REQUEST, type ControlAccess, type ControlAnswer, type ControlRequest } from "./control-messages.ts";
import { LOOPBACK } from "./loopback-port.ts";

/** The supervisor's side of the control channel. */
export interface ControlServer {
  readonly access: ControlAccess;
  close(): Promise<void>;
}

const MAX_REQUEST_BYTES = 1024 * 1024;
const LIMITS = { maxBytes: MAX_REQUEST_BYTES, maxDepth: 4 };

/**
 * Listens on loopback for requests that carry a fresh token. Other users of the computer can connect but not read the
 * token, and a web page can neither read it nor send a header of that name to another origin.
 *
 * @param handle one request; a rejection is the answer
 */
export async function startControlServer(
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  const token = randomHex(32);
  const server = createServer((request, response) => {
    void answer(request, response, token, handle);
  });
  server.requestTimeout = 10_000;
  const port = await listen(server, { host: LOOPBACK, port: 0 });
  return {
    access: { schema: "contrast/sandbox-control/v1", port, token },
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeIdleConnections();
      return promise;
    },
  };
}

/** An error as an answer. */
export function failedAnswer(error: unknown): ControlAnswer {
  const known = error instanceof ContrastError ? error : undefined;
  return {
    ok: false,
    code: known?.code ?? "lib/internal",
    message: messageOf(error),
    hint: known?.hint ?? null,
    lines: [...(known?.report?.lines ?? [])],
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<void> {
  const send = (status: number, body: string): void => {
    response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(body);
  };
  try {
    if (request.method !== "POST" || !isToken(request.headers["authorization"], token)) {
      request.resume();
      send(403, "{}");
      return;
    }
    const parsed = v.safeParse(CONTROL_REQUEST, parseJson(await readBody(request), "request", LIMITS));
    if (!parsed.success) {
      send(400, "{}");
      return;
    }
    send(200, JSON.stringify(await handle(parsed.output).catch(failedAnswer)));
  } catch {
    send(400, "{}");
  }
}

function isToken(header: string | undefined, token: string): boolean {
  // Digests have one length, whatever was sent.
  const digest = (text: string): Uint8Array => sha512(new TextEncoder().encode(text));
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of request) {
    if (chunk instanceof Uint8Array) text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_REQUEST_BYTES) throw new ContrastError("lib/json-invalid", "Cannot read request: too long");
  }
  return text;
}
