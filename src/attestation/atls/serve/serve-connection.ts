import type { Socket } from "node:net";
import { orAborted } from "../../../lib/deadline.ts";
import { ContrastError } from "../../../lib/errors.ts";
import type { Semaphore } from "../../../lib/semaphore.ts";
import { acceptTls } from "./accept-tls.ts";
import { checkClient } from "./check-client.ts";
import { protocolMissing } from "./client-failure.ts";
import type { TableEntry } from "./connection-table.ts";
import { helloNonce } from "./hello-nonce.ts";
import { createNonce } from "../nonce.ts";
import { readHello } from "./read-hello.ts";
import type { AtlsServiceOptions } from "./serve-options.ts";
import type { ServedConnection } from "./served-connection.ts";
import { createServerContext } from "./server-context.ts";
import { refuseHandshake } from "./tls-alert.ts";

/** How far a handshake has come. */
export type HandshakePhase = "hello" | "admission" | "issuing" | "tls" | "judging";

/** What a connection is served with beside the options of its server. */
export interface ConnectionParts {
  readonly entry: TableEntry;
  readonly issuing: Semaphore;
  /** Ends the handshake. */
  readonly signal: AbortSignal;
  readonly onPhase: (phase: HandshakePhase) => void;
}

/**
 * Does everything that is to be done with a connection before somebody may use it. Where that fails, the connection is
 * ended.
 *
 * @throws ContrastError of what failed; anything else where the signal is aborted
 */
export async function serveConnection<Admission>(
  raw: Socket,
  options: AtlsServiceOptions<Admission>,
  { entry, issuing, signal, onPhase }: ConnectionParts,
): Promise<ServedConnection<Admission>> {
  const { issuer, now } = options;
  let isTls = false;
  try {
    onPhase("hello");
    const hello = await orAborted(readHello(raw), signal);
    entry.setWaiting(false);
    if (!hello.protocols.includes("h2")) throw protocolMissing();
    const clientNonce = helloNonce(hello);
    onPhase("admission");
    const { validate, admission } = await orAborted(options.admit(), signal);
    if (validate === undefined && options.clientCertificate === "attested") {
      throw new ContrastError("lib/internal", "Cannot admit a client: nothing judges its evidence");
    }
    onPhase("issuing");
    const serverNonce = createNonce();
    const context = await issuing.run(async () => {
      signal.throwIfAborted();
      return await orAborted(createServerContext({ clientNonce, serverNonce, issuer, now: now() }, signal), signal);
    });
    onPhase("tls");
    isTls = true;
    entry.setWaiting(true);
    const { socket, certificateDer } = await orAborted(acceptTls(raw, context), signal);
    entry.setWaiting(false);
    onPhase("judging");
    const checking = checkClient(certificateDer, serverNonce, validate, now(), signal);
    const { peer, evidence } = await orAborted(checking, signal);
    return { socket, peer, evidence, admission };
  } catch (error) {
    if (isTls || signal.aborted) raw.destroy();
    else refuseHandshake(raw, error);
    throw error;
  }
}
