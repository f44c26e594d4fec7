import * as v from "valibot";
import { collectBytes } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { HttpResponse } from "../../lib/http-client.ts";
import { parseJson } from "../../lib/json.ts";
import { visibleText } from "../../lib/visible-text.ts";

const MAX_BODY_BYTES = 16 * 1024;
const MAX_REASON_LENGTH = 200;

/** What registries say about a failure. */
const body = v.object({
  errors: v.pipe(v.array(v.object({ code: v.string(), message: v.nullish(v.string()) })), v.minLength(1)),
});

/**
 * The error for an answer that is no success, with the registry's own words. What may pass by itself is
 * `oci/registry-overloaded`, with the time that the registry asks to wait in `details.retryAfterMs`. The response is
 * used up.
 *
 * @param action what could not be done
 * @param registry named in the hint
 * @see OCI distribution specification v1.1, "Error Codes"
 */
export async function readStatusError(
  response: HttpResponse,
  action: string,
  registry: string,
): Promise<ContrastError> {
  const { status } = response;
  const reason = await readReason(response);
  const message = `${action}: the registry answers with status ${status}${reason === "" ? "" : ` (${reason})`}`;
  const details = { status, registry };
  if (status === 401 || status === 403) {
    return new ContrastError("oci/unauthorised", message, {
      hint: `Log in with "docker login ${registry}" or "skopeo login ${registry}", and check that the image exists.`,
      details,
    });
  }
  if (status === 404) {
    const hint = "Check the name and the tag or digest of the image.";
    return new ContrastError("oci/image-not-found", message, { hint, details });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = retryAfter(response.headers.get("retry-after"));
    return new ContrastError("oci/registry-overloaded", message, {
      details: { ...details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    });
  }
  return new ContrastError("oci/registry-answer-invalid", message, { details });
}

/** The first error of the body in one line; empty where there is none to be had. */
async function readReason(response: HttpResponse): Promise<string> {
  try {
    const bytes = await collectBytes(response.body, MAX_BODY_BYTES, () => new Error("too large"));
    const json = parseJson(new TextDecoder().decode(bytes), "error", { maxBytes: MAX_BODY_BYTES, maxDepth: 16 });
    const [first] = v.parse(body, json).errors;
    if (first === undefined) return "";
    const text = [first.code, first.message ?? ""].filter((part) => part !== "").join(": ");
    return visibleText(text.slice(0, MAX_REASON_LENGTH)).replaceAll(/\s+/g, " ");
  } catch {
    return "";
  }
}

/** Only the form in seconds; registries do not send dates. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^[0-9]{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
