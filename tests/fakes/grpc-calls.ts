import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { createNonce } from "../../src/attestation/atls/nonce.ts";
import type { CoordinatorSession } from "../../src/rpc/coordinator-session.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { judgeReportData } from "./atls/test-validator.ts";
import { type TestGrpcServer } from "./grpc-server.ts";
import { type RawFrame } from "./http2-frames.ts";

/** Name of the user API. */
export const SERVICE = "edgelesssys.contrast.userapi.UserAPI";

/** Connects as users do, whatever the evidence is. */
export function dial({ endpoint }: Pick<TestGrpcServer, "endpoint">, change = {}): Promise<CoordinatorSession> {
  const { signal } = new AbortController();
  const options = { clientKey: undefined, validate: judgeReportData, now: () => new Date(), signal, timeoutMs: 5000 };
  return dialCoordinator(endpoint, { ...options, ...change });
}

/** Types of the frames of a stream, in order. */
export function framesOf(frames: readonly RawFrame[], stream: number): readonly number[] {
  return frames.filter((frame) => frame.stream === stream).map(({ type }) => type);
}

/** A message whose first field has so many bytes. */
export function messageOf(bytes: number): Buffer {
  const message = Buffer.concat([Buffer.of(0x0a), varint(bytes), Buffer.alloc(bytes)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.of((value & 127) | 128, value >> 7);
}

/** The status of a call with a short message. */
export async function statusOf(server: TestGrpcServer, path: string, headers = {}): Promise<unknown> {
  // A message that is marked as compressed, where the header says so.
  const body = "grpc-encoding" in headers ? Buffer.from("01000000021f8b", "hex") : Buffer.alloc(5);
  return (await exchange(server, path, headers, body)).grpcStatus;
}

/** One exchange by the client of the platform. */
export async function exchange(
  { port }: TestGrpcServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array = new Uint8Array(5),
): Promise<{ status: unknown; grpcStatus: unknown }> {
  const socket = await openTls({ port });
  const session = connectHttp2("https://coordinator", { createConnection: () => socket });
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", ...headers });
  const answer: { status: unknown; grpcStatus: unknown } = { status: undefined, grpcStatus: undefined };
  stream.on("response", (fields) =>
    Object.assign(answer, { status: fields[":status"], grpcStatus: fields["grpc-status"] }),
  );
  stream.on("trailers", (fields) => Object.assign(answer, { grpcStatus: fields["grpc-status"] }));
  stream.on("error", () => {});
  stream.resume();
  stream.end(body);
  await new Promise((resolve) => stream.once("close", resolve));
  session.destroy();
  return answer;
}

/** A connection on which nothing was sent yet. */
export async function openTls({ port }: Pick<TestGrpcServer, "port">): Promise<TLSSocket> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: createNonce().toBase64(),
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
  });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  return socket;
}
