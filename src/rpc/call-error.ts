import { Code, ConnectError } from "@connectrpc/connect";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import { ContrastError, inContext } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import { visibleText } from "../lib/visible-text.ts";
import { isFromServer, isMethodMissing, meaningOfStatus, type ApiMethod } from "./server-status.ts";

const ACTIONS: Readonly<Record<ApiMethod, string>> = {
  SetManifest: "Cannot set the manifest",
  GetManifests: "Cannot get the manifests",
  Recover: "Cannot recover the Coordinator",
  NewMeshCert: "Cannot get a certificate",
};

const TRY_AGAIN = "Try again; look into the log of the Coordinator if it stays so.";

/** A text of a peer; longer ones are cut. */
const MAX_TEXT_CHARACTERS = 2000;

/**
 * Explains why a call failed. Texts of the server are quoted, cut and stripped of what a terminal would obey.
 *
 * @param signal the user's wish to stop, which looks like a cancelled call
 * @param timeoutMs how long an answer was waited for
 */
export function callError(
  error: unknown,
  method: ApiMethod,
  endpoint: Endpoint,
  signal: AbortSignal,
  timeoutMs?: number,
): ContrastError {
  const action = `${ACTIONS[method]} at "${renderEndpoint(endpoint)}"`;
  if (signal.aborted) return new ContrastError("lib/interrupted", `${action}: interrupted`, { cause: error });
  if (error instanceof ContrastError) return inContext(error, action, "rpc/answer-invalid");
  const status = ConnectError.from(error);
  if (status.cause instanceof ContrastError) return inContext(status.cause, action, "rpc/answer-invalid");
  if (isFromServer(status)) return serverError(status, method, action);
  if (status.code !== Code.DeadlineExceeded) return transportError(status, method, action);
  const limit = timeoutMs === undefined ? "in time" : `within ${Math.ceil(timeoutMs / 1000)} s`;
  return new ContrastError("rpc/timeout", `${action}: no answer ${limit}`, { hint: TRY_AGAIN });
}

function serverError(status: ConnectError, method: ApiMethod, action: string): ContrastError {
  const { code, hint } = meaningOfStatus(status, method);
  const name = Code[status.code] ?? String(status.code);
  const text = visibleText(quoteText(status.rawMessage, MAX_TEXT_CHARACTERS));
  return new ContrastError(code, `${action}: the Coordinator answers ${name} with ${text}`, {
    hint,
    details: { status: name },
  });
}

function transportError(status: ConnectError, method: ApiMethod, action: string): ContrastError {
  const text = visibleText(quoteText(status.rawMessage, MAX_TEXT_CHARACTERS));
  if (isMethodMissing(status)) {
    const { code, hint } = meaningOfStatus(status, method);
    return new ContrastError(code, `${action}: the server answers ${text}`, { hint });
  }
  if (status.code === Code.Unavailable || status.code === Code.Canceled) {
    return new ContrastError("rpc/unavailable", `${action}: the connection was lost`, {
      cause: status.cause,
      hint: TRY_AGAIN,
    });
  }
  if (status.code === Code.ResourceExhausted) {
    const hint = "Shorten the manifest or the policies.";
    return new ContrastError("rpc/request-too-large", `${action}: ${text}`, { hint });
  }
  return new ContrastError("rpc/answer-invalid", `${action}: the answer breaks the protocol: ${text}`, {
    hint: `Check that the address is that of the Coordinator's ${method === "NewMeshCert" ? "mesh API, normally port 7777" : "user API, normally port 1313"}.`,
  });
}
