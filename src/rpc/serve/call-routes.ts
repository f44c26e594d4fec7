import type { DescMethodUnary } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextKey, createConnectRouter, createContextKey } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { ServedConnection } from "../../attestation/atls/serve/served-connection.ts";
import { orAborted } from "../../lib/deadline.ts";
import { ContrastError, messageChainOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { GrpcObserver } from "./grpc-observer.ts";
import { ANSWER_SLOT, PreparedAnswer } from "./prepared-answer.ts";
import type { ServedMethod, ServedService } from "./served-service.ts";

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
}

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
  for (const { service, names, methods } of services) {
    for (const method of service.methods) {
      const handle = methods[method.localName];
      if (method.methodKind !== "unary" || handle === undefined) {
        throw new ContrastError("lib/internal", `Cannot serve ${service.typeName}.${method.name}: no unary handler`);
      }
      const call = { service: service.typeName, method: method.name };
      for (const name of names) {
        const router = createConnectRouter({ connect: false, grpcWeb: false, acceptCompression: [], readMaxBytes });
        const renamed: DescMethodUnary = { ...method, methodKind: "unary", parent: { ...service, typeName: name } };
        router.rpc(renamed, async (request, { values, signal }) => {
          observer.received(call.service, call.method);
          const connection = values.get(connectionKey);
          if (connection === undefined) throw new ConnectError("internal error", Code.Internal);
          const answer = await answered(handle, request, { ...connection, signal }, { ...call, log });
          observer.sent(call.service, call.method);
          if (!(answer instanceof PreparedAnswer)) return answer;
          const slot = values.get(ANSWER_SLOT);
          if (slot === undefined) throw new ConnectError("internal error", Code.Internal);
          slot.prepared = answer;
          return {};
        });
        for (const handler of router.handlers) routes.set(handler.requestPath, { ...call, handler });
      }
    }
  }
  return { find: (path) => routes.get(path), connectionKey };
}

/** What a handler throws beside `ConnectError` is for the log; the client learns nothing of it. */
async function answered<Admission>(
  handle: ServedMethod<Admission>,
  request: Parameters<ServedMethod<Admission>>[0],
  context: Parameters<ServedMethod<Admission>>[1],
  { service, method, log }: { readonly service: string; readonly method: string; readonly log: Logger },
): Promise<Awaited<ReturnType<ServedMethod<Admission>>>> {
  try {
    return await orAborted(Promise.resolve(handle(request, context)), context.signal);
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    if (!context.signal.aborted) log.error("a call failed", { service, method, error: messageChainOf(error) });
    throw new ConnectError("internal error", Code.Internal);
  }
}
