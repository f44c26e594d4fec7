import { ContrastError } from "../lib/errors.ts";
import { hintForLimit, judgeRequestSize, type RequestSize } from "../manifest/judge-request-size.ts";
import { inMebibytes, setRequestBytes } from "../proto/message-limits.ts";

/** How large a request is. */
export function requestSizeOf(manifest: Uint8Array, policies: readonly Uint8Array[]): RequestSize {
  return { bytes: setRequestBytes(manifest, policies), policies: policies.length };
}

/**
 * Refuses what no Coordinator takes, before any is asked.
 *
 * @throws ContrastError `rpc/request-too-large`
 */
export function requireSendable(size: RequestSize): void {
  const advice = judgeRequestSize(size);
  if (advice?.isRefused !== true) return;
  const { message, hint, limitBytes } = advice;
  throw new ContrastError("rpc/request-too-large", `Cannot set the manifest: ${message}`, {
    hint,
    details: { ...detailsOf(size), limitBytes },
  });
}

/** As gRPC for Go says it; a Coordinator judges the length before it reads more, so that nothing was sent in vain. */
const REFUSAL = /larger than max \((?<actual>[0-9]{1,15}) vs\. (?<limit>[0-9]{1,15})\)/;

/** Says what a Coordinator takes and what it was asked to, where it refused a request for its size. */
export function explainRequestSize(error: unknown, size: RequestSize): unknown {
  if (!(error instanceof ContrastError) || error.code !== "rpc/request-too-large") return error;
  const limit = REFUSAL.exec(error.message)?.groups?.["limit"];
  if (limit === undefined) return error;
  const limitBytes = Number(limit);
  const fact = `the manifest and ${size.policies} policies have ${inMebibytes(size.bytes)} together; this Coordinator takes ${inMebibytes(limitBytes)} in one request`;
  return new ContrastError("rpc/request-too-large", `Cannot set the manifest: ${fact}`, {
    cause: error,
    hint: hintForLimit(limitBytes),
    details: { ...detailsOf(size), limitBytes },
  });
}

function detailsOf({ bytes, policies }: RequestSize): { readonly bytes: number; readonly policies: number } {
  return { bytes, policies };
}
