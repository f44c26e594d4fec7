import { ContrastError, messageOf } from "../../../lib/errors.ts";

const ACTION = "Cannot finish the handshake with a client";

/** The error of a client that went away. */
export function clientClosed(cause?: unknown): ContrastError {
  return new ContrastError("atls/client-closed", `${ACTION}: it ended the connection`, { cause });
}

/** The error of a client whose time is over, or that had to make room for others. */
export function clientTimeout(phase: string): ContrastError {
  return new ContrastError("atls/client-timeout", `${ACTION}: the time was over ${phase}`, { details: { phase } });
}

/** The error of a TLS handshake that failed, by the error of the platform. */
export function clientFailure(error: unknown): ContrastError {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (!code.startsWith("ERR_SSL_")) return clientClosed(error);
  const fact = code.slice("ERR_SSL_".length).toLowerCase().replaceAll("_", " ");
  return new ContrastError("atls/client-refused", `${ACTION}: ${fact || messageOf(error)}`, { cause: error });
}

/** The error of a client that does not offer HTTP/2. */
export function protocolMissing(): ContrastError {
  return new ContrastError("atls/protocol-missing", `${ACTION}: it does not offer the protocol "h2"`);
}
