import type { DescMethodUnary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextKey,
  type ContextValues,
  createConnectRouter,
  createContextKey,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { ServedConnection } from "../../attestation/atls/serve/served-connection.ts";
import { orAborted } from "../../lib/deadline.ts";
import { ContrastError, messageChainOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { GrpcObserver } from "./grpc-observer.ts";
import { ANSWER_SLOT, PreparedAnswer } from "./prepared-answer.ts";
import type { ServedService } from "./served-service.ts";

/** What answers the calls of a server. */
export interface CallRoutes<Admission> {
  /** By `:path`; undefined for a method that nobody serves. */
  find(path: string): CallRoute | undefined;
  /** Where a call finds the connection that it came on. */
  readonly connectionKey: ContextKey<ServedConnection<Admission> | undefined>;
}

/** One method under one name. */
export interface CallRoute {
  /** Names of the descriptor, for metrics. */
  readonly service: string;
  readonly method: string;
  readonly handler: UniversalHandler;
  /**
   * Whether a message of this length is read.
   *
   * @throws ConnectError where it is not
   */
  admit(bytes: number, values: ContextValues, signal: AbortSignal): Promise<void>;
}

/** Of requests that anybody may send; strangers have no reason to send larger ones where `admitLarge` knows it. */
const SMALL_REQUEST_BYTES = 64 * 1024;

/** What the routes need of their server. */
export interface RouteOptions {
  readonly observer: GrpcObserver;
  readonly readMaxBytes: number;
  readonly log: Logger;
}

/**
 * Makes routes that speak gRPC and nothing else, without compression: what a client would make the server expand is not
 * bounded by what it sends.
 *
 * @throws ContrastError `lib/internal` for a service that is not as `servedService` wants it
 */
export function createCallRoutes<Admission>(
  services: readonly ServedService<Admission>[],
  { observer, readMaxBytes, log }: RouteOptions,
): CallRoutes<Admission> {
  const connectionKey = createContextKey<ServedConnection<Admission> | undefined>(undefined);
  const routes = new Map<string, CallRoute>();
  for (const { service, names, methods, admitLarge } of services) {
    for (const method of service.methods) {
      const handle = methods[method.localName];
      if (method.methodKind !== "unary" || handle === undefined) {
        throw new ContrastError("lib/internal", `Cannot serve ${service.typeName}.${method.name}: no unary handler`);
      }
      const call = { service: service.typeName, method: method.name };
      const admit: CallRoute["admit"] = async (bytes, values, signal) => {
        if (bytes > readMaxBytes) throw tooLarge(bytes, readMaxBytes);
        const connection = values.get(connectionKey);
        if (bytes <= SMALL_REQUEST_BYTES || admitLarge === undefined || connection === undefined) return;
        await described(() => admitLarge({ ...connection, signal }), signal, { ...call, log });
      };
      for (const name of names) {
        const router = createConnectRouter({ connect: false, grpcWeb: false, acceptCompression: [], readMaxBytes });
        const renamed: DescMethodUnary = { ...method, methodKind: "unary", parent: { ...service, typeName: name } };
        router.rpc(renamed, async (request, { values, signal }) => {
          observer.received(call.service, call.method);
          const connection = values.get(connectionKey);
          if (connection === undefined) throw new ConnectError("internal error", Code.Internal);
          const run = (): ReturnType<typeof handle> => handle(request, { ...connection, signal });
          const answer = await described(run, signal, { ...call, log });
          observer.sent(call.service, call.method);
          if (!(answer instanceof PreparedAnswer)) return answer;
          const slot = values.get(ANSWER_SLOT);
          if (slot === undefined) throw new ConnectError("internal error", Code.Internal);
          slot.prepared = answer;
          return {};
        });
        for (const handler of router.handlers) routes.set(handler.requestPath, { ...call, handler, admit });
      }
    }
  }
  return { find: (path) => routes.get(path), connectionKey };
}

/** As gRPC for Go says it, which clients look into for both numbers. */
function tooLarge(bytes: number, maxBytes: number): ConnectError {
  return new ConnectError(`grpc: received message larger than max (${bytes} vs. ${maxBytes})`, Code.ResourceExhausted);
}

/** What a handler throws beside `ConnectError` is for the log; the client learns nothing of it. */
async function described<T>(
  run: () => T | Promise<T>,
  signal: AbortSignal,
  { service, method, log }: { readonly service: string; readonly method: string; readonly log: Logger },
): Promise<T> {
  try {
    return await orAborted(Promise.resolve(run()), signal);
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    if (!signal.aborted) log.error("a call failed", { service, method, error: messageChainOf(error) });
    throw new ConnectError("internal error", Code.Internal);
  }
}
