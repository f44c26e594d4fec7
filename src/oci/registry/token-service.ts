import * as v from "valibot";
import { collectBytes } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { parseJson } from "../../lib/json.ts";
import type { AuthChallenge } from "./auth-challenge.ts";
import type { Credentials } from "./auth-file.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import type { RequestLimits } from "./request-limits.ts";
import { readStatusError } from "./read-status-error.ts";

/** What a token is asked for. */
export interface TokenRequest {
  readonly challenge: AuthChallenge;
  readonly credentials: Credentials | undefined;
  readonly repository: string;
  /** Named in messages. */
  readonly registry: string;
  /** False for a registry that the user marked as insecure: its token service may then be reached unverified too. */
  readonly isSecure: boolean;
}

const MAX_TOKEN_ANSWER_BYTES = 1024 * 1024;
const CLIENT_ID = "contrast";
const token = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,65536}$/));
const answer = v.object({ token: v.nullish(token), access_token: v.nullish(token) });

/**
 * Fetches an access token from the service that a registry's challenge names.
 *
 * @throws ContrastError `oci/unauthorised`, `oci/registry-answer-invalid`, `oci/registry-overloaded` and those of the network
 * @see distribution/distribution docs, "Token Authentication Specification" and "OAuth2 Token Authentication"
 */
export async function fetchToken(http: HttpClient, request: TokenRequest, limits: RequestLimits): Promise<string> {
  const { credentials, registry } = request;
  const realm = parseRealm(request);
  const service = request.challenge.parameters.get("service");
  const scope = request.challenge.parameters.get("scope") ?? `repository:${request.repository}:pull`;
  const shared = { purpose: "registry token", verifyTls: request.isSecure, ...limits };
  const parameters = new URLSearchParams(service === undefined ? { scope } : { service, scope });
  let response;
  if (credentials?.kind === "identity-token") {
    for (const [name, value] of Object.entries({ grant_type: "refresh_token", client_id: CLIENT_ID })) {
      parameters.set(name, value);
    }
    parameters.set("refresh_token", credentials.token);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    response = await http.request({ url: realm, method: "POST", headers, body: parameters.toString(), ...shared });
  } else {
    for (const [name, value] of parameters) realm.searchParams.append(name, value);
    const headers = credentials?.kind === "password" ? { authorization: basicAuthorization(credentials) } : {};
    response = await http.request({ url: realm, headers, ...shared });
  }
  if (response.status !== 200)
    throw await readStatusError(response, `Cannot log in to registry "${registry}"`, registry);
  const invalid = (fact: string): ContrastError =>
    new ContrastError("oci/registry-answer-invalid", `Cannot log in to registry "${registry}": ${fact}`);
  const bytes = await collectBytes(response.body, MAX_TOKEN_ANSWER_BYTES, () =>
    invalid("the token's answer is too large"),
  );
  const result = v.safeParse(answer, parseAnswer(bytes));
  const found = result.success ? (result.output.token ?? result.output.access_token) : undefined;
  if (typeof found !== "string") throw invalid("the token service answered without a token");
  return found;
}

function parseRealm({ challenge, registry, isSecure }: TokenRequest): URL {
  const realm = URL.parse(challenge.parameters.get("realm") ?? "");
  if (realm?.protocol === "https:" || (realm?.protocol === "http:" && !isSecure)) return realm;
  throw new ContrastError(
    "oci/registry-answer-invalid",
    `Cannot log in to registry "${registry}": its token service has no HTTPS address`,
  );
}

function parseAnswer(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder().decode(bytes), "token", { maxBytes: MAX_TOKEN_ANSWER_BYTES, maxDepth: 8 });
  } catch {
    return undefined;
  }
}
