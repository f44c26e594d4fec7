import type { DescMessage, DescService, Message, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { PreparedAnswer } from "./prepared-answer.ts";
import type { ServedConnection } from "../../attestation/atls/serve/served-connection.ts";

/** What a handler knows of a call: its connection, and when to stop. */
export interface GrpcCallContext<Admission> extends ServedConnection<Admission> {
  /** Aborted when the client gave up, when its time is over, and when the call is done. */
  readonly signal: AbortSignal;
}

/** One handler for each method. They throw `ConnectError`; anything else becomes an `Internal` without its text. */
export type ServedMethods<Service extends DescService, Admission> = {
  readonly [Name in keyof Service["method"]]: (
    request: MessageShape<Service["method"][Name]["input"]>,
    context: GrpcCallContext<Admission>,
  ) => OrPromise<MessageInitShape<Service["method"][Name]["output"]> | PreparedAnswer>;
};

/** A service whose methods are all unary, with what answers them. */
export interface ServedService<Admission> {
  readonly service: DescService;
  /** Full names under which it is served, that of `service` first. */
  readonly names: readonly string[];
  /** By the local names of the methods, such as `setManifest`. */
  readonly methods: Readonly<Record<string, ServedMethod<Admission>>>;
  /** Asked before more than 64 KiB of a request are read; throws `ConnectError` where they are not wanted. */
  readonly admitLarge?: ((context: GrpcCallContext<Admission>) => Promise<void>) | undefined;
}

/** A handler of any method; written as a method, because one kind of message stands for all in it. */
interface AnyHandler<Admission> {
  handle(
    request: Message,
    context: GrpcCallContext<Admission>,
  ): OrPromise<MessageInitShape<DescMessage> | PreparedAnswer>;
}

/** A handler that is asked by the name of its method, and so gets the message that it is for. */
export type ServedMethod<Admission> = AnyHandler<Admission>["handle"];

type OrPromise<T> = T | Promise<T>;

/**
 * Puts together a service and what answers its methods.
 *
 * @param alsoAs older full names of the service
 */
export function servedService<Service extends DescService, Admission>(
  service: Service,
  methods: ServedMethods<Service, Admission>,
  {
    alsoAs = [],
    admitLarge,
  }: { readonly alsoAs?: readonly string[] } & Pick<ServedService<Admission>, "admitLarge"> = {},
): ServedService<Admission> {
  return { service, names: [service.typeName, ...alsoAs], methods, admitLarge };
}
