import * as v from "valibot";
import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { isSupportedDigest, sizeMismatch } from "./content-digest.ts";
import type { ContentSource, RootDocument } from "./content-source.ts";
import type { ImageCache } from "./image-cache.ts";
import { MAX_CONFIG_BYTES } from "./image-config.ts";
import { MAX_MANIFEST_BYTES } from "./image-manifest.ts";
import { type ImageReference, canonicalReference } from "./reference.ts";

/** Surroundings of a source that keeps what it fetched. */
export interface CachingOptions {
  readonly cache: ImageCache;
  /** Never asks the source; a tag then means what it meant last. */
  readonly offline: boolean;
  readonly now: () => Date;
  readonly log: Logger;
}

const tagRecord = v.object({
  version: v.literal(1),
  digest: v.pipe(v.string(), v.check(isSupportedDigest)),
  resolvedAt: v.pipe(v.string(), v.isoTimestamp()),
});

/**
 * Puts the cache before a registry. Content that is named by its digest comes from the cache without network; what a
 * tag means is asked again in each run, and only remembered for runs without network.
 *
 * @throws ContrastError (its methods) `oci/offline-missing` with `details.reference`, `details.needs` and, if known,
 *   `details.digest`
 */
export function openCachedSource(
  reference: ImageReference,
  source: ContentSource,
  options: CachingOptions,
): ContentSource {
  const { cache, offline, now, log } = options;
  const canonical = canonicalReference(reference);

  const lastDigest = async (): Promise<string> => {
    const record = v.safeParse(tagRecord, await cache.readRecord("tags", canonical));
    if (!record.success) throw offlineMissing(reference, "tag");
    const { digest, resolvedAt } = record.output;
    const ageMs = now().getTime() - new Date(resolvedAt).getTime();
    log.info("using what the tag meant last", { image: reference.original, digest, resolvedAt, ageMs });
    return digest;
  };

  const root = async (): Promise<RootDocument> => {
    const digest = reference.digest ?? (offline ? await lastDigest() : undefined);
    if (digest !== undefined) {
      const bytes = await cache.readBlob(digest, MAX_MANIFEST_BYTES);
      if (bytes !== undefined) return { bytes, mediaType: undefined, digest };
      if (offline) throw offlineMissing(reference, "manifest", digest);
    }
    const fetched = await source.root();
    await cache.writeBlob(fetched.digest, fetched.bytes);
    if (reference.digest === undefined) {
      const record = { version: 1, digest: fetched.digest, resolvedAt: now().toISOString() };
      await cache.writeRecord("tags", canonical, record);
    }
    return fetched;
  };

  return {
    root,
    attempt: (task) => source.attempt(task),
    document: async (descriptor, kind) => {
      const { digest, size } = descriptor;
      const cached = await cache.readBlob(digest, Math.max(MAX_MANIFEST_BYTES, MAX_CONFIG_BYTES));
      if (cached !== undefined) {
        if (cached.length === size) return cached;
        throw sizeMismatch(`image ${kind} ${digest}`, String(cached.length), size);
      }
      if (offline) throw offlineMissing(reference, kind, digest);
      const fetched = await source.document(descriptor, kind);
      await cache.writeBlob(digest, fetched);
      return fetched;
    },
    open: async (descriptor) => {
      if (offline) throw offlineMissing(reference, "layer", descriptor.digest);
      return await source.open(descriptor);
    },
  };
}

function offlineMissing(
  reference: ImageReference,
  needs: "tag" | "manifest" | "config" | "layer",
  digest?: string,
): ContrastError {
  const subject = needs === "tag" ? "what its tag means" : `its ${needs} ${digest}`;
  return new ContrastError(
    "oci/offline-missing",
    `Cannot load image "${reference.original}" offline: ${subject} is not cached`,
    {
      hint: "Run once with network, or name a local copy with --image-source REF=PATH.",
      details: { reference: reference.original, needs, ...(digest === undefined ? {} : { digest }) },
    },
  );
}
