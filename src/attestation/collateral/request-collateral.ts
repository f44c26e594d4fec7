import { collectBytes } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { HttpClient, HttpResponse } from "../../lib/http-client.ts";
import { parseRetryAfter } from "../../lib/retry-after.ts";
import { MAX_BODY_BYTES } from "./collateral-limits.ts";

/** What a service answered. */
export interface ServiceAnswer {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Asks a service once. Redirects are followed only to the same scheme, host and port.
 *
 * @param purpose what is asked for, named in messages
 * @param timeoutMs for everything, redirects included
 * @throws ContrastError `attestation/collateral-not-found`, `attestation/collateral-service-busy` (may pass by itself;
 *   `details.retryAfterMs` if the service asks to wait), `attestation/collateral-answer-invalid`, and those of the client
 */
export async function requestCollateral(
  http: HttpClient,
  url: URL,
  purpose: string,
  timeoutMs: number,
  now: () => Date,
): Promise<ServiceAnswer> {
  const end = now().getTime() + timeoutMs;
  let address = url;
  for (let redirects = 0; ; redirects++) {
    const remainingMs = Math.max(1, end - now().getTime());
    const limits = { idleTimeoutMs: remainingMs, totalTimeoutMs: remainingMs };
    const response = await http.request({ url: address, purpose, verifyTls: true, ...limits });
    if (!REDIRECTS.has(response.status)) return await readAnswer(response, address, purpose, now);
    await response.discard();
    address = redirectTarget(response, address, purpose);
    if (redirects === MAX_REDIRECTS) throw invalid(purpose, address, "redirects too often");
  }
}

function redirectTarget(response: HttpResponse, from: URL, purpose: string): URL {
  const location = response.headers.get("location") ?? "";
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target?.origin !== from.origin) throw invalid(purpose, from, "redirects to another host");
  return target;
}

async function readAnswer(response: HttpResponse, url: URL, purpose: string, now: () => Date): Promise<ServiceAnswer> {
  const { status, headers } = response;
  if (status !== 200) {
    await response.discard();
    throw statusError(status, headers, url, purpose, now());
  }
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding !== "identity") {
    await response.discard();
    throw invalid(purpose, url, `answers with the content coding "${coding.slice(0, 40)}"`);
  }
  const body = await collectBytes(response.body, MAX_BODY_BYTES, () =>
    invalid(purpose, url, `answers with more than ${MAX_BODY_BYTES} bytes`),
  );
  if (body.length === 0) throw invalid(purpose, url, "answers with nothing");
  return { headers, body };
}

function statusError(status: number, headers: Headers, url: URL, purpose: string, now: Date): ContrastError {
  const details = { url: url.href, status };
  if (status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers.get("retry-after"), now);
    const wait = retryAfterMs === undefined ? "" : `, and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
    return new ContrastError(
      "attestation/collateral-service-busy",
      `Cannot fetch ${purpose}: ${url.href} answered ${status}${wait}`,
      { details: { ...details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } },
    );
  }
  const code = status === 404 || status === 410 ? "collateral-not-found" : "collateral-answer-invalid";
  return new ContrastError(`attestation/${code}`, `Cannot fetch ${purpose}: ${url.href} answered ${status}`, {
    details,
  });
}

function invalid(purpose: string, url: URL, fact: string): ContrastError {
  return new ContrastError("attestation/collateral-answer-invalid", `Cannot fetch ${purpose}: ${url.href} ${fact}`, {
    details: { url: url.href },
  });
}
