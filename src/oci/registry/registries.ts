import { ContrastError } from "../../lib/errors.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import type { Logger } from "../../lib/log.ts";
import { type RetryPolicy, type RetryVerdict, retry } from "../../lib/retry.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { Sleep } from "../../lib/sleep.ts";
import type { ContentSource } from "../content-source.ts";
import type { ImageReference } from "../reference.ts";
import type { RegistryMirrors } from "../registry-mirror-option.ts";
import { createAuthoriser } from "./authoriser.ts";
import { createCredentialStore } from "./credential-store.ts";
import { endpointsOf, parseInsecureRegistries } from "./endpoint.ts";
import { type RegistrySession, openRegistrySession } from "./registry-session.ts";
import { type Attempt, openRegistrySource } from "./registry-source.ts";

/** What all registries of one run share. */
export interface RegistriesOptions {
  readonly http: HttpClient;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly insecureRegistries: readonly string[];
  readonly mirrors: RegistryMirrors;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly sleep: Sleep;
}

/** The way to all registries of a run. */
export interface Registries {
  /** The content that a reference names; nothing is sent before its methods are called. */
  open(reference: ImageReference): ContentSource;
}

const MAX_REQUESTS = 8;
const MAX_REQUESTS_PER_REGISTRY = 4;
const RETRY_POLICY: RetryPolicy = { attempts: 5, baseDelayMs: 500, maxDelayMs: 30_000 };

/**
 * Makes the way to all registries: shared limits, credentials, tokens and retries.
 *
 * @throws ContrastError `oci/image-source-invalid` for a malformed insecure registry
 */
export function createRegistries(options: RegistriesOptions): Registries {
  const { http, log, signal } = options;
  const insecure = parseInsecureRegistries(options.insecureRegistries);
  const credentialStore = createCredentialStore(options.env, log, signal);
  const all = new Semaphore(MAX_REQUESTS);
  const each = new Map<string, Semaphore>();
  const sessions = new Map<string, readonly [RegistrySession, ...RegistrySession[]]>();

  const sessionsOf = ({ registry, repository }: ImageReference): readonly [RegistrySession, ...RegistrySession[]] => {
    const key = `${registry}/${repository}`;
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const [first, ...rest] = endpointsOf(registry, options.mirrors.get(registry) ?? [], insecure).map((endpoint) => {
      if (!endpoint.isSecure) log.debug("registry is used without verified TLS", { registry: endpoint.registry });
      const authoriser = createAuthoriser(endpoint, repository, http, credentialStore);
      return openRegistrySession(endpoint, repository, http, authoriser);
    });
    if (first === undefined) throw new ContrastError("lib/internal", `Registry "${registry}" has no server`);
    const opened = [first, ...rest] as const;
    sessions.set(key, opened);
    return opened;
  };

  const again: Attempt = (task) =>
    retry(RETRY_POLICY, task, (error, attempt) => judge(error, attempt, log), options.sleep, signal);

  const attemptAt = (registry: string): Attempt => {
    const own = each.get(registry) ?? new Semaphore(MAX_REQUESTS_PER_REGISTRY);
    each.set(registry, own);
    return async (task) => {
      try {
        return await again(() => own.run(() => all.run(task)));
      } catch (error) {
        throw asRegistryError(error, registry);
      }
    };
  };

  return {
    open: (reference) =>
      openRegistrySource(reference, sessionsOf(reference), attemptAt(reference.registry), again, (mirror, error) =>
        log.warn("mirror cannot deliver, asking the next place", { mirror, code: error.code, reason: error.message }),
      ),
  };
}

/** Tries again after what may pass: an overloaded registry, a broken connection, silence. */
function judge(error: unknown, attempt: number, log: Logger): RetryVerdict {
  if (!(error instanceof ContrastError)) return { again: false };
  const { code, details } = error;
  const isTransient =
    code === "oci/registry-overloaded" ||
    code === "lib/network-timeout" ||
    (code === "lib/network-unreachable" && details["reason"] !== "ENOTFOUND");
  if (!isTransient) return { again: false };
  const { retryAfterMs } = details;
  log.debug("trying again", { code, attempt, reason: error.message });
  return { again: true, afterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined };
}

function asRegistryError(error: unknown, registry: string): unknown {
  if (!(error instanceof ContrastError)) return error;
  const action = `Cannot use registry "${registry}"`;
  if (error.code === "lib/network-timeout") {
    return new ContrastError("oci/registry-timeout", `${action}: no answer in time`, { cause: error });
  }
  if (error.code === "lib/network-unreachable") {
    return new ContrastError("oci/registry-unreachable", `${action}: it cannot be reached`, {
      cause: error,
      hint: "Check the name, the network and the proxy settings.",
    });
  }
  if (error.code === "lib/tls-failed") {
    return new ContrastError("oci/registry-unreachable", `${action}: no trusted TLS connection`, {
      cause: error,
      hint: "Name the registry's certificate authority with --registry-ca, or use --insecure-registry if you trust the network.",
    });
  }
  return error;
}
