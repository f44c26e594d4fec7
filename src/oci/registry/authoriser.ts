import { ContrastError } from "../../lib/errors.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { parseAuthChallenges } from "./auth-challenge.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import type { CredentialStore } from "./credential-store.ts";
import type { Endpoint } from "./endpoint.ts";
import { requestLimits } from "./request-limits.ts";
import { fetchToken } from "./token-service.ts";

/** Keeps the `Authorization` header for one repository at one endpoint. */
export interface Authoriser {
  /** The header that worked last; undefined before the first challenge. */
  current(): Promise<string | undefined>;
  /**
   * Answers a challenge. Requests that were refused with the same header share one new one.
   *
   * @param header of `WWW-Authenticate`
   * @param refused the header that was sent
   * @throws ContrastError `oci/unauthorised`, `oci/registry-answer-invalid`, those of credentials and of the network
   */
  renew(header: string, refused: string | undefined): Promise<string>;
}

const TOKEN_ANSWER_BYTES = 64 * 1024;

/** Makes the authoriser of a repository; nothing is asked before the registry challenges. */
export function createAuthoriser(
  endpoint: Endpoint,
  repository: string,
  http: HttpClient,
  credentialStore: CredentialStore,
): Authoriser {
  const { registry, isSecure } = endpoint;
  let latest: Promise<string> | undefined;
  const answer = async (header: string): Promise<string> => {
    const challenges = parseAuthChallenges(header);
    const credentials = await credentialStore.find(registry, repository);
    if (credentials?.kind === "registry-token") return `Bearer ${credentials.token}`;
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      const request = { challenge: bearer, credentials, repository, registry, isSecure };
      return `Bearer ${await fetchToken(http, request, requestLimits(TOKEN_ANSWER_BYTES))}`;
    }
    if (challenges.some(({ scheme }) => scheme === "basic") && credentials?.kind === "password") {
      return basicAuthorization(credentials);
    }
    throw new ContrastError("oci/unauthorised", `Cannot log in to registry "${registry}": no usable credentials`, {
      hint: `Log in with "docker login ${registry}" or "skopeo login ${registry}".`,
      details: { registry },
    });
  };
  return {
    current: async () => await latest?.catch(() => undefined),
    renew: async (header, refused) => {
      const known = await latest?.catch(() => undefined);
      if (known !== undefined && known !== refused) return known;
      if (known === refused) latest = answer(header);
      return await (latest ??= answer(header));
    },
  };
}
