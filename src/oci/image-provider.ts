import { join } from "node:path";
import { ContrastError, inContext } from "../lib/errors.ts";
import { type HttpClient, createHttpClient } from "../lib/http-client.ts";
import type { Logger } from "../lib/log.ts";
import type { Progress } from "../lib/progress.ts";
import { sleep } from "../lib/sleep.ts";
import { openCachedSource } from "./cached-source.ts";
import type { Image, ImageProvider } from "./image.ts";
import { NO_CACHE, openImageCache } from "./image-cache.ts";
import { type ImageSourceOption, findImageSource } from "./image-source-option.ts";
import { LayerReader } from "./layer-reader.ts";
import { readDockerArchive } from "./local/docker-archive.ts";
import { openOciLayout } from "./local/oci-layout.ts";
import { type LocalImages, openLocalImages } from "./local/open-local-images.ts";
import { type ImageReference, canonicalReference, parseReference } from "./reference.ts";
import { createRegistries } from "./registry/registries.ts";
import type { RegistryMirrors } from "./registry-mirror-option.ts";
import { resolveImage } from "./resolve-image.ts";
import type { ResolvedImage } from "./resolved-image.ts";

/** Where images come from, and what may be touched on the way. */
export interface ImageProviderOptions {
  /** References that lie on disk, from `parseImageSources()`. */
  readonly sources?: readonly ImageSourceOption[];
  /** Opens no socket; what is neither on disk nor cached is `oci/offline-missing`. */
  readonly offline?: boolean;
  /** Base directory of the program's caches (`cacheDirectory()`); undefined keeps nothing. */
  readonly cacheDir?: string | undefined;
  /** `host[:port]`, reached over HTTPS without check of the certificate, else over HTTP; a scheme before it decides. */
  readonly insecureRegistries?: readonly string[];
  /** From `parseRegistryMirrors()`. */
  readonly registryMirrors?: RegistryMirrors;
  /** PEM certificates trusted beside those of the platform. */
  readonly caPem?: string | undefined;
  /** Names the credential files, and is handed to credential helpers. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** The way to the network; that of the platform when absent. */
  readonly http?: HttpClient;
  /** Waits between two tries; in real time when absent. */
  readonly sleep?: typeof sleep;
}

/** Directory of the image cache inside of the base directory. */
const CACHE_SUBDIRECTORY = "oci";

/**
 * Makes the provider of images. Requests for the same reference share one answer, also a failed one.
 *
 * @throws ContrastError `oci/image-source-invalid`, `oci/ca-invalid`
 */
export function createImageProvider(options: ImageProviderOptions): ImageProvider {
  const { offline = false, sources = [], log, progress, signal, now } = options;
  checkCertificates(options.caPem);
  const cache =
    options.cacheDir === undefined ? NO_CACHE : openImageCache(join(options.cacheDir, CACHE_SUBDIRECTORY), log);
  const http = options.http ?? createHttpClient({ offline, caPem: options.caPem, log, signal });
  const registries = createRegistries({
    http,
    env: options.env,
    insecureRegistries: options.insecureRegistries ?? [],
    mirrors: options.registryMirrors ?? new Map(),
    log,
    signal,
    sleep: options.sleep ?? sleep,
  });
  const layers = new LayerReader(cache, progress, log, signal);
  const opened = new Map<string, Promise<LocalImages>>();
  const images = new Map<string, Promise<ResolvedImage>>();

  const readLocal = async (path: string, reference: ImageReference): Promise<ResolvedImage> => {
    const opening = opened.get(path) ?? openLocalImages(path);
    opened.set(path, opening);
    const { format, files } = await opening;
    if (format === "docker-archive") return await readDockerArchive(files, reference);
    return await resolveImage(openOciLayout(files, reference), reference.original, log);
  };

  const resolve = async (reference: ImageReference): Promise<ResolvedImage> => {
    const local = findImageSource(sources, reference);
    if (local !== undefined) return await readLocal(local.path, reference);
    const item = progress.start(reference.original);
    try {
      const source = openCachedSource(reference, registries.open(reference), { cache, offline, now, log });
      return await resolveImage(source, reference.original, log);
    } finally {
      item.end();
    }
  };

  const image = async (text: string): Promise<Image> => {
    const reference = parseReference(text);
    const key = canonicalReference(reference);
    const resolving = images.get(key) ?? resolve(reference);
    images.set(key, resolving);
    const resolved = await inImageContext(text, resolving);
    const { digest, digestOrigin, manifestDigest, config } = resolved;
    let accounts: ReturnType<Image["accounts"]> | undefined;
    let hashes: ReturnType<Image["layerHashes"]> | undefined;
    return {
      reference: text,
      digest,
      digestOrigin,
      manifestDigest,
      config: config.config,
      accounts: () => (accounts ??= inImageContext(text, layers.accounts(resolved, text))),
      layerHashes: () => (hashes ??= inImageContext(text, layers.hashes(resolved, text))),
    };
  };
  return { image };
}

async function inImageContext<T>(reference: string, task: Promise<T>): Promise<T> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof ContrastError && error.code.startsWith("oci/offline")) throw error;
    throw inContext(error, `Cannot load image "${reference}"`, "lib/internal");
  }
}

function checkCertificates(caPem: string | undefined): void {
  if (caPem === undefined || caPem.includes("-----BEGIN CERTIFICATE-----")) return;
  throw new ContrastError("oci/ca-invalid", "Cannot use certificates for registries: no PEM certificate in the file");
}
