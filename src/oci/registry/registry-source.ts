import { collectBytes, type ByteStream } from "../../lib/byte-stream.ts";
import { sha256Digest } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { HttpResponse } from "../../lib/http-client.ts";
import { isSupportedDigest, sizeMismatch, verifyDigest } from "../content-digest.ts";
import type { ContentSource, RootDocument } from "../content-source.ts";
import { type Descriptor, MAX_MANIFEST_BYTES } from "../image-manifest.ts";
import { ACCEPTED_MANIFEST_TYPES } from "../media-type.ts";
import type { ImageReference } from "../reference.ts";
import { verifiedStream } from "../verified-stream.ts";
import type { RegistrySession } from "./registry-session.ts";
import { requestLimits } from "./request-limits.ts";
import { resumedStream } from "./resumed-stream.ts";

/** Runs a task within the limits of the registries, and again when its failure may pass. */
export type Attempt = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * The content of one repository.
 *
 * @param sessions mirrors first; the next one is asked when one cannot deliver, but never after a wrong digest
 * @param attempt runs whole tasks
 * @param reconnect runs a request inside of such a task, after its connection broke
 * @param onFallback told why a mirror could not deliver
 * @throws ContrastError (its methods) the codes of registry-session.ts, `oci/digest-mismatch`, `oci/size-mismatch`
 * @see OCI distribution specification v1.1, "Pull"
 */
export function openRegistrySource(
  reference: ImageReference,
  sessions: readonly [RegistrySession, ...RegistrySession[]],
  attempt: Attempt,
  reconnect: Attempt,
  onFallback: (registry: string, error: ContrastError) => void,
): ContentSource {
  const fromAny = async <T>(read: (session: RegistrySession) => Promise<T>): Promise<T> => {
    for (const session of sessions.slice(0, -1)) {
      try {
        return await read(session);
      } catch (error) {
        if (!(error instanceof ContrastError) || !MAY_FALL_BACK.has(error.code)) throw error;
        onFallback(session.endpoint.registry, error);
      }
    }
    return await read(sessions.at(-1) ?? sessions[0]);
  };
  const manifest = (session: RegistrySession, name: string, sizeBytes: number): Promise<HttpResponse> =>
    session.get({
      path: `manifests/${name}`,
      accept: ACCEPTED_MANIFEST_TYPES,
      purpose: "image manifest",
      limits: requestLimits(sizeBytes),
    });
  const blob = (session: RegistrySession, { digest, size }: Descriptor, fromByte = 0): Promise<HttpResponse> =>
    session.get({
      path: `blobs/${digest}`,
      accept: "*/*",
      purpose: "image data",
      limits: requestLimits(size),
      fromByte,
    });

  return {
    attempt,
    root: () =>
      attempt(() =>
        fromAny(async (session) => {
          const name = reference.digest ?? reference.tag ?? "latest";
          return await readRoot(await manifest(session, name, MAX_MANIFEST_BYTES), reference.digest);
        }),
      ),
    document: (descriptor, kind) =>
      attempt(() =>
        fromAny(async (session) => {
          const { digest, size } = descriptor;
          const response = await (kind === "manifest" ? manifest(session, digest, size) : blob(session, descriptor));
          const what = `image ${kind} ${digest}`;
          const stream = verifiedStream(response.body, { digest, sizeBytes: size }, what);
          return await collectBytes(stream, size, () => sizeMismatch(what, `more than ${size}`, size));
        }),
      ),
    open: (descriptor): Promise<ByteStream> =>
      fromAny(async (session) =>
        resumedStream(await blob(session, descriptor), (fromByte) =>
          reconnect(() => blob(session, descriptor, fromByte)),
        ),
      ),
  };
}

/** A mirror that lies is not passed over in silence: wrong digests, sizes and types end the run. */
const MAY_FALL_BACK: ReadonlySet<string> = new Set([
  "oci/image-not-found",
  "oci/unauthorised",
  "oci/registry-overloaded",
  "oci/registry-answer-invalid",
  "lib/network-unreachable",
  "lib/network-timeout",
  "lib/tls-failed",
]);

async function readRoot(response: HttpResponse, digest: string | undefined): Promise<RootDocument> {
  const what = "image manifest";
  const bytes = await collectBytes(response.body, MAX_MANIFEST_BYTES, () =>
    sizeMismatch(what, `more than ${MAX_MANIFEST_BYTES}`, MAX_MANIFEST_BYTES),
  );
  // Both must fit: what was asked for, and what the registry says that it answers with.
  const announced = response.headers.get("docker-content-digest");
  for (const expected of [digest, announced]) {
    if (typeof expected === "string" && isSupportedDigest(expected)) verifyDigest(bytes, expected, what);
  }
  const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  return { bytes, mediaType, digest: digest ?? sha256Digest(bytes) };
}
