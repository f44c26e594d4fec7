import { ContrastError } from "../../lib/errors.ts";
import type { HttpClient, HttpResponse } from "../../lib/http-client.ts";
import type { Authoriser } from "./authoriser.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RequestLimits } from "./request-limits.ts";
import { readStatusError } from "./read-status-error.ts";

/** What is fetched from one repository of one endpoint. */
interface RegistryRequest {
  /** Below the repository: `manifests/latest`, `blobs/sha256:…`. */
  readonly path: string;
  readonly accept: string;
  /** For the debug log and messages: `image manifest`. */
  readonly purpose: string;
  readonly limits: RequestLimits;
  /** Asks for everything from this byte on; a server may answer with all of it nevertheless. */
  readonly fromByte?: number;
}

/** Speaks with one repository at one endpoint: logs in when challenged and follows redirects. */
export interface RegistrySession {
  readonly endpoint: Endpoint;
  /**
   * @returns a response of status 200, or 206 with the part that was asked for; its body is not checked
   * @throws ContrastError `oci/unauthorised`, `oci/image-not-found`, `oci/registry-overloaded`,
   *   `oci/registry-answer-invalid`, those of credentials and of the network
   */
  get(request: RegistryRequest): Promise<HttpResponse>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Opens a session; nothing is sent before the first request. */
export function openRegistrySession(
  endpoint: Endpoint,
  repository: string,
  http: HttpClient,
  authoriser: Authoriser,
): RegistrySession {
  const { registry, isSecure } = endpoint;
  let base: Promise<URL> | undefined;

  const send = (url: URL, request: RegistryRequest, authorization: string | undefined): Promise<HttpResponse> =>
    http.request({
      url,
      headers: {
        accept: request.accept,
        ...rangeOf(request),
        ...(authorization === undefined ? {} : { authorization }),
      },
      purpose: request.purpose,
      verifyTls: isSecure,
      ...request.limits,
    });

  const follow = async (
    first: URL,
    request: RegistryRequest,
    authorization: string | undefined,
  ): Promise<HttpResponse> => {
    let url = first;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      // Only the registry itself may see the credentials; storage services get signed addresses.
      const response = await send(url, request, url.origin === first.origin ? authorization : undefined);
      if (!REDIRECTS.has(response.status)) {
        if (response.status !== 401 || url.origin === first.origin) return response;
        throw await readStatusError(response, `Cannot fetch ${request.purpose} from "${url.host}"`, registry);
      }
      await response.discard();
      url = redirectTarget(response.headers.get("location"), url, isSecure, request.purpose);
    }
    throw new ContrastError(
      "oci/registry-answer-invalid",
      `Cannot fetch ${request.purpose} from registry "${registry}": more than ${MAX_REDIRECTS} redirects`,
    );
  };

  const get = async (request: RegistryRequest): Promise<HttpResponse> => {
    const address = new URL(
      `${endpoint.prefix}${repository}/${request.path}`,
      await (base ??= findBase(endpoint, http)),
    );
    const authorization = await authoriser.current();
    let response = await follow(address, request, authorization);
    const challenge = response.headers.get("www-authenticate");
    if (response.status === 401 && challenge !== null) {
      await response.discard();
      response = await follow(address, request, await authoriser.renew(challenge, authorization));
    }
    if (response.status === 200 || isWantedPart(response, request)) return response;
    throw await readStatusError(response, `Cannot fetch ${request.purpose} from registry "${registry}"`, registry);
  };
  return { endpoint, get };
}

function rangeOf({ fromByte = 0 }: RegistryRequest): { readonly range?: string } {
  return fromByte === 0 ? {} : { range: `bytes=${fromByte}-` };
}

/** A part that starts elsewhere would be put together wrongly, and be told as a wrong digest. */
function isWantedPart({ status, headers }: HttpResponse, { fromByte = 0 }: RegistryRequest): boolean {
  return status === 206 && fromByte > 0 && headers.get("content-range")?.startsWith(`bytes ${fromByte}-`) === true;
}

/** Finds out whether an insecure registry speaks HTTPS; every other registry has one address only. */
async function findBase(endpoint: Endpoint, http: HttpClient): Promise<URL> {
  const [first, second] = endpoint.bases;
  if (second === undefined) return first;
  try {
    const limits = { idleTimeoutMs: 10_000, totalTimeoutMs: 10_000 };
    const response = await http.request({ url: first, purpose: "registry protocol", verifyTls: false, ...limits });
    await response.discard();
    return first;
  } catch (error) {
    const isRefusal =
      error instanceof ContrastError && ["lib/network-unreachable", "lib/tls-failed"].includes(error.code);
    if (isRefusal) return second;
    throw error;
  }
}

function redirectTarget(location: string | null, from: URL, isSecure: boolean, purpose: string): URL {
  const refuse = (fact: string): ContrastError =>
    new ContrastError("oci/registry-answer-invalid", `Cannot fetch ${purpose} from "${from.host}": ${fact}`);
  const target = location === null ? null : URL.parse(location, from.href);
  if (target === null) throw refuse("it redirects to no address");
  if (target.protocol !== "https:" && !(target.protocol === "http:" && !isSecure)) {
    throw refuse(`it redirects to ${target.protocol} and away from HTTPS`);
  }
  if (target.username !== "" || target.password !== "") throw refuse("it redirects to an address with a password");
  return target;
}
