import { getCACertificates } from "node:tls";
import type { ByteStream } from "./byte-stream.ts";
import { ContrastError, messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";

/** One exchange over HTTP or HTTPS. Redirects are not followed: who asks decides what may be sent where. */
export interface HttpRequest {
  readonly url: URL;
  readonly method?: "GET" | "POST";
  /** May carry credentials; never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Named in the debug log, such as `image manifest`. */
  readonly purpose: string;
  /** False only for a registry that the user marked as insecure. */
  readonly verifyTls: boolean;
  /** Longest wait for the header, and between two pieces of the body. */
  readonly idleTimeoutMs: number;
  /** Longest time for the whole exchange. */
  readonly totalTimeoutMs: number;
}

/** The answer; its body must be read to the end or discarded. Content codings are left as they are. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ByteStream;
  discard(): Promise<void>;
}

/** The way to web services; one for a run. */
export interface HttpClient {
  /**
   * @throws ContrastError `lib/offline`, `lib/network-unreachable`, `lib/network-timeout`, `lib/tls-failed`,
   *   `lib/interrupted`; the body throws the same
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** What all exchanges of a client share. */
export interface HttpClientOptions {
  /** Refuse every access without opening a socket. */
  readonly offline: boolean;
  /** PEM certificates that are trusted beside those of the platform. */
  readonly caPem?: string | undefined;
  readonly log: Logger;
  /** Ends everything that is under way. */
  readonly signal: AbortSignal;
}

/** What the runtime tells programmers after the fact. */
const ADVICE = / For more information, pass .*$/;
/** Codes of failed certificate checks; trying again does not help. */
const CERTIFICATE_FAILURE = /CERT|SELF_SIGNED|UNABLE_TO_|ISSUER|HOSTNAME_MISMATCH|^EPROTO$|^ERR_SSL|^ERR_TLS/;

/**
 * Makes the program's only way to web services. Proxies are taken from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` by
 * the platform's `fetch`; certificates are checked explicitly, so no environment variable can switch that off.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { log, signal } = options;
  const ca = options.caPem === undefined ? undefined : [...getCACertificates("default"), options.caPem];
  const request = async (request: HttpRequest): Promise<HttpResponse> => {
    const { url, method = "GET", purpose } = request;
    const address = `${url.origin}${url.pathname}`;
    if (options.offline) {
      throw new ContrastError("lib/offline", `Cannot fetch ${purpose}: "${address}" needs the network`, {
        details: { url: address },
      });
    }
    log.debug("network access", { purpose, method, url: address });
    const deadlines = startDeadlines(request, signal);
    const failed = (error: unknown): ContrastError => networkError(error, `Cannot fetch ${purpose}`, address, signal);
    try {
      // oxlint-disable-next-line no-restricted-globals -- the one adapter around fetch
      const response = await fetch(url, {
        method,
        headers: { "accept-encoding": "identity", ...request.headers },
        body: request.body ?? null,
        redirect: "manual",
        decompress: false,
        signal: deadlines.signal,
        tls: { rejectUnauthorized: request.verifyTls, ...(ca === undefined ? {} : { ca }) },
      } as BunFetchRequestInit);
      const reader = (response.body?.getReader() ?? undefined) as ReadableStreamDefaultReader<Uint8Array> | undefined;
      const discard = async (): Promise<void> => {
        deadlines.stop();
        await reader?.cancel().catch(() => {});
      };
      return {
        status: response.status,
        headers: response.headers,
        body: readBody(reader, deadlines, failed),
        discard,
      };
    } catch (error) {
      deadlines.stop();
      throw failed(error);
    }
  };
  return { request };
}

interface Deadlines {
  readonly signal: AbortSignal;
  /** Something arrived: the idle time starts again. */
  touch(): void;
  stop(): void;
}

function startDeadlines(request: HttpRequest, parent: AbortSignal): Deadlines {
  const controller = new AbortController();
  const expire = (ms: number) => (): void =>
    controller.abort(new DOMException(`no answer in ${ms} ms`, "TimeoutError"));
  const idle = (): ReturnType<typeof setTimeout> => setTimeout(expire(request.idleTimeoutMs), request.idleTimeoutMs);
  let idleTimer = idle();
  const totalTimer = setTimeout(expire(request.totalTimeoutMs), request.totalTimeoutMs);
  return {
    signal: AbortSignal.any([controller.signal, parent]),
    touch: () => {
      clearTimeout(idleTimer);
      idleTimer = idle();
    },
    stop: () => {
      clearTimeout(idleTimer);
      clearTimeout(totalTimer);
    },
  };
}

async function* readBody(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  deadlines: Deadlines,
  failed: (error: unknown) => ContrastError,
): ByteStream {
  try {
    if (reader === undefined) return;
    for (;;) {
      const result = await reader.read().catch((error: unknown) => {
        throw failed(error);
      });
      if (result.done) return;
      deadlines.touch();
      yield result.value;
    }
  } finally {
    deadlines.stop();
    await reader?.cancel().catch(() => {});
  }
}

function networkError(error: unknown, action: string, address: string, signal: AbortSignal): ContrastError {
  if (error instanceof ContrastError) return error;
  if (signal.aborted) return new ContrastError("lib/interrupted", `${action}: interrupted`, { cause: error });
  const code = (error as { code?: unknown } | undefined)?.code;
  const reason = typeof code === "string" ? code : "";
  const info = { cause: error, details: { url: address, reason } };
  if (error instanceof Error && error.name === "TimeoutError") {
    return new ContrastError("lib/network-timeout", `${action}: "${address}" did not answer in time`, info);
  }
  if (CERTIFICATE_FAILURE.test(reason)) {
    return new ContrastError(
      "lib/tls-failed",
      `${action}: no trusted TLS connection to "${address}": ${messageOf(error)}`,
      info,
    );
  }
  return new ContrastError(
    "lib/network-unreachable",
    `${action}: cannot reach "${address}": ${messageOf(error).replace(ADVICE, "")}`,
    info,
  );
}
