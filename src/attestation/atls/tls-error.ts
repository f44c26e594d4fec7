import type { ErrorCode } from "../../lib/error-codes.ts";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { type Endpoint, renderEndpoint } from "./endpoint.ts";

interface Explanation {
  readonly code: ErrorCode;
  readonly fact: string;
  readonly hint: string;
}

const PROXY_HINT = "Check that nothing between here and the Coordinator ends TLS; pass TCP through.";

/**
 * Explains why a TLS connection was not made, by the error codes of the platform.
 *
 * @param isConnected whether TCP was connected before it failed
 */
export function tlsError(error: unknown, endpoint: Endpoint, isConnected: boolean): ContrastError {
  const code = platformCode(error);
  const { code: named, fact, hint } = isConnected ? explainHandshake(code, error) : explainConnect(code, error);
  return new ContrastError(named, `Cannot connect to "${renderEndpoint(endpoint)}": ${fact}`, {
    cause: error,
    hint,
    details: { reason: code },
  });
}

function platformCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function explainConnect(code: string, error: unknown): Explanation {
  const facts: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there",
    ENOTFOUND: "there is no host of this name",
    EAI_AGAIN: "the name of the host cannot be resolved at the moment",
    EHOSTUNREACH: "there is no way to this host",
    ENETUNREACH: "there is no way to this network",
    ETIMEDOUT: "the host does not answer",
  };
  return {
    code: "atls/unreachable",
    fact: facts[code] ?? messageOf(error),
    hint: "Check the address, and that the Coordinator is running and exposed there.",
  };
}

function explainHandshake(code: string, error: unknown): Explanation {
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_HTTP_REQUEST") {
    const hint = "Check the port: the user API of a Coordinator normally listens on port 1313.";
    return { code: "atls/not-tls", fact: "what listens there does not answer in TLS", hint };
  }
  if (code.includes("NO_APPLICATION_PROTOCOL")) return NO_HTTP2;
  if (code === "ERR_SSL_BAD_SIGNATURE" || code === "ERR_SSL_DECRYPT_ERROR") {
    const fact = "the peer does not hold the key of the certificate that it presents";
    return { code: "atls/key-unproven", fact, hint: PROXY_HINT };
  }
  if (code.startsWith("ERR_SSL_") && code.includes("ALERT")) {
    const alert = code
      .replace(/^.*ALERT_/, "")
      .toLowerCase()
      .replaceAll("_", " ");
    const fact = `the peer ended the TLS handshake with the alert "${alert}"`;
    return { code: "atls/handshake-refused", fact, hint: "Look into the log of the Coordinator for the reason." };
  }
  if (code.startsWith("ERR_SSL_")) {
    const fact = `the TLS handshake failed (${code.slice("ERR_SSL_".length).toLowerCase().replaceAll("_", " ")})`;
    return { code: "atls/handshake-refused", fact, hint: PROXY_HINT };
  }
  const fact = /reset|EPIPE/i.test(code) || code === "" ? CLOSED : `${CLOSED} (${messageOf(error)})`;
  return {
    code: "atls/handshake-closed",
    fact,
    hint: "Try again; if it stays so, look into the log of the Coordinator.",
  };
}

const CLOSED = "the peer closed the connection before the TLS handshake was done";

const NO_HTTP2: Explanation = {
  code: "atls/no-http2",
  fact: "the peer does not speak HTTP/2",
  hint: "Check that the address is that of the Coordinator's user API, normally port 1313.",
};

/** The error of a peer that finished the handshake without agreeing on HTTP/2. */
export function noHttp2Error(endpoint: Endpoint): ContrastError {
  const { code, fact, hint } = NO_HTTP2;
  return new ContrastError(code, `Cannot connect to "${renderEndpoint(endpoint)}": ${fact}`, { hint });
}
