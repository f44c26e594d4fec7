import type { Socket } from "node:net";
import { ContrastError } from "../../../lib/errors.ts";

const FATAL = 2;
const INTERNAL_ERROR = 80;
const NO_APPLICATION_PROTOCOL = 120;

/** Clients that speak TLS are told that they are refused; others would not understand it. */
const SILENT: ReadonlySet<string> = new Set(["atls/hello-invalid", "atls/client-closed", "atls/client-timeout"]);

/**
 * Ends a connection on which the server has not begun to speak TLS, with the alert that fits. An original Coordinator
 * sends `internal_error` wherever it has no configuration for a client.
 *
 * @see RFC 8446 section 6
 */
export function refuseHandshake(socket: Socket, error: unknown): void {
  const code = error instanceof ContrastError ? error.code : "";
  if (SILENT.has(code) || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const alert = code === "atls/protocol-missing" ? NO_APPLICATION_PROTOCOL : INTERNAL_ERROR;
  socket.end(Uint8Array.of(21, 3, 3, 0, 2, FATAL, alert), () => socket.destroy());
}
