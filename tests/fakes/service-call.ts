import type { KeyObject } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { fromBinary, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Evidence } from "../../src/attestation/evidence.ts";
import type { Verified } from "../../src/attestation/verdict.ts";
import { PreparedAnswer } from "../../src/rpc/serve/prepared-answer.ts";
import type { GrpcCallContext, ServedService } from "../../src/rpc/serve/served-service.ts";

/** A call on a connection of which nothing but the key and the evidence of the client matters. */
export function callBy<A>(
  publicKey: KeyObject | undefined,
  admission: A,
  evidence?: Verified<Evidence>,
): GrpcCallContext<A> {
  const peer = publicKey && {
    certificateDer: new Uint8Array(),
    publicKey,
    spkiDer: new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
  };
  return { socket: {} as TLSSocket, peer, evidence, admission, signal: new AbortController().signal };
}

/** Calls a handler without a connection. */
export async function callOf<Answer, A>(
  service: ServedService<A>,
  method: string,
  request: Message,
  context: GrpcCallContext<A>,
): Promise<Answer> {
  const answer = await service.methods[method]?.(request, context);
  if (!(answer instanceof PreparedAnswer)) return answer as Answer;
  const output = service.service.methods.find(({ localName }) => localName === method)?.output;
  if (output === undefined) throw new Error(`there is no method ${method}`);
  return fromBinary(output, Buffer.concat(answer.pieces).subarray(5)) as Answer;
}

/** The status of a call, in CamelCase. */
export async function statusOfCall(answer: Promise<unknown>): Promise<string> {
  return await answer.then(
    () => "OK",
    (error: unknown) => (error instanceof ConnectError ? Code[error.code] : `not a status: ${String(error)}`),
  );
}
