import { createServer, type Socket } from "node:net";
import { startDeadline } from "../../../lib/deadline.ts";
import { ContrastError, messageChainOf, messageOf } from "../../../lib/errors.ts";
import { listen } from "../../../lib/listen.ts";
import { Semaphore } from "../../../lib/semaphore.ts";
import { clientTimeout } from "./client-failure.ts";
import { ConnectionTable, type TableEntry } from "./connection-table.ts";
import { renderEndpoint } from "../endpoint.ts";
import { type HandshakePhase, serveConnection } from "./serve-connection.ts";
import type { ServedConnection } from "./served-connection.ts";
import { type AtlsRefusal, type AtlsServiceOptions, DEFAULT_ATLS_LIMITS } from "./serve-options.ts";

/** A server that is listening. */
export interface AtlsService {
  readonly port: number;
  /** Open connections, with those whose handshake is not done. */
  readonly connections: number;
  /** Takes no connection any more and ends those whose handshake is not done. */
  readonly stopListening: () => void;
  /** Ends all connections. */
  readonly destroyAll: () => void;
}

/**
 * Accepts TLS connections whose certificate carries evidence over the nonce of the client, checks the client, and only
 * then hands the connection on. No connection waits for another but in the order in which evidence is made for them; no
 * client can hold one for longer than the time of a handshake without being checked.
 *
 * An error after the start never ends the server: what fails is one connection.
 *
 * @throws ContrastError `atls/listen-failed`
 * @see edgelesssys/contrast `internal/atls`
 */
export async function startAtlsService<Admission>(options: AtlsServiceOptions<Admission>): Promise<AtlsService> {
  const limits = { ...DEFAULT_ATLS_LIMITS, ...options.limits };
  const table = new ConnectionTable(limits, () => performance.now());
  const issuing = new Semaphore(limits.issuing);
  const open = new Set<Socket>();
  const handshakes = new Set<AbortController>();
  let isStopping = false;
  const refuse = (refusal: AtlsRefusal, isOwnFault = false): void => {
    if (!isStopping) report(refusal, isOwnFault, options);
  };

  const accept = (raw: Socket): void => {
    // Stays for the life of the socket: without a listener an error would end the program.
    raw.on("error", () => {});
    const address = raw.remoteAddress ?? "";
    const handshake = new AbortController();
    try {
      const entry = table.add(address, () => {
        handshake.abort();
        raw.destroy();
      });
      open.add(raw);
      raw.once("close", () => {
        open.delete(raw);
        entry.remove();
      });
      void serve(raw, entry, handshake, address);
    } catch (error) {
      raw.destroy();
      refuse({ reason: "limit", error: toContrastError(error), address });
    }
  };

  const serve = async (raw: Socket, entry: TableEntry, ended: AbortController, address: string): Promise<void> => {
    const deadline = startDeadline(limits.handshakeTimeoutMs, ended.signal);
    let phase: HandshakePhase = "hello";
    const onPhase = (next: HandshakePhase): void => {
      phase = next;
    };
    handshakes.add(ended);
    try {
      const connection = await serveConnection(raw, options, { entry, issuing, signal: deadline.signal, onPhase });
      entry.finishHandshake();
      handOn(connection, entry, options);
    } catch (error) {
      const isLate = deadline.signal.aborted;
      const fact = isLate ? clientTimeout(PHASES[phase]) : toContrastError(error);
      refuse({ reason: reasonOf(phase, options), error: fact, address }, !isLate && isOwn(phase));
    } finally {
      handshakes.delete(ended);
      deadline.stop();
    }
  };

  const server = createServer({ noDelay: true, keepAlive: true }, accept);
  const onLaterError = (error: Error): void =>
    options.log.error("cannot accept a connection", { error: messageOf(error) });
  const port = await listen(server, options.address, onLaterError).catch((error: unknown) => {
    const message = `Cannot listen on "${renderEndpoint(options.address)}": ${messageOf(error)}`;
    throw new ContrastError("atls/listen-failed", message, { cause: error });
  });
  const stopListening = (): void => {
    isStopping = true;
    server.close();
    for (const handshake of handshakes) handshake.abort();
  };
  return {
    port,
    get connections() {
      return table.size;
    },
    stopListening,
    destroyAll: () => {
      stopListening();
      for (const raw of open) raw.destroy();
    },
  };
}

/** What its receiver throws ends one connection, not the program. */
function handOn<Admission>(
  connection: ServedConnection<Admission>,
  entry: TableEntry,
  { onConnection, log }: AtlsServiceOptions<Admission>,
): void {
  try {
    onConnection(connection, entry.setWaiting);
  } catch (error) {
    connection.socket.destroy();
    log.error("cannot serve a connection", { error: messageChainOf(error) });
  }
}

const PHASES: Readonly<Record<HandshakePhase, string>> = {
  hello: "before the client had said hello",
  admission: "before it was decided about the client",
  issuing: "before evidence was made for the client",
  tls: "during the TLS handshake",
  judging: "before the evidence of the client was judged",
};

function reasonOf(
  phase: HandshakePhase,
  { clientCertificate }: Pick<AtlsServiceOptions<never>, "clientCertificate">,
): AtlsRefusal["reason"] {
  if (phase === "judging" && clientCertificate === "attested") return "attestation";
  return phase === "admission" ? "admission" : "handshake";
}

/** A failure here is one of the machine, not of its client. */
function isOwn(phase: HandshakePhase): boolean {
  return phase === "issuing";
}

/** @param isOwnFault no evidence could be made, which no client can cause and every client suffers from */
function report<Admission>(
  refusal: AtlsRefusal,
  isOwnFault: boolean,
  { log, onRefused }: AtlsServiceOptions<Admission>,
): void {
  const { reason, error, address } = refusal;
  const fields = { reason, code: error.code, address, error: messageChainOf(error) };
  // Anybody can cause the other reasons as often as they like; they must not fill the log.
  if (isOwnFault) log.error("cannot make evidence for a client", fields);
  else if (reason === "attestation" || reason === "admission") log.warn("refused a client", fields);
  else log.debug("refused a client", fields);
  onRefused(refusal);
}

function toContrastError(error: unknown): ContrastError {
  if (error instanceof ContrastError) return error;
  return new ContrastError("lib/internal", `Cannot serve a client: ${messageOf(error)}`, { cause: error });
}
