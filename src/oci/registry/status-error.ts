import { ContrastError } from "../../lib/errors.ts";
import type { HttpResponse } from "../../lib/http.ts";

/**
 * The error for an answer that is no success. What may pass by itself is `oci/registry-overloaded`, with the time that
 * the registry asks to wait in `details.retryAfterMs`.
 *
 * @param action what could not be done
 * @param registry named in the hint
 */
export function statusError(
  response: Pick<HttpResponse, "status" | "headers">,
  action: string,
  registry: string,
): ContrastError {
  const { status } = response;
  const message = `${action}: the registry answers with status ${status}`;
  if (status === 401 || status === 403) {
    return new ContrastError("oci/unauthorised", message, {
      hint: `Log in with "docker login ${registry}" or "skopeo login ${registry}", and check that the image exists.`,
      details: { status, registry },
    });
  }
  if (status === 404) return new ContrastError("oci/image-not-found", message, { details: { status, registry } });
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = retryAfter(response.headers.get("retry-after"));
    return new ContrastError("oci/registry-overloaded", message, {
      details: { status, registry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    });
  }
  return new ContrastError("oci/registry-answer-invalid", message, { details: { status, registry } });
}

/** Only the form in seconds; registries do not send dates. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^[0-9]{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
