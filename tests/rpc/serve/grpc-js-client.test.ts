import { afterEach, describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { Client, compressionAlgorithms, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { createNonce } from "../../../src/attestation/atls/nonce.ts";
import {
  SetManifestRequestSchema,
  type SetManifestResponse,
  SetManifestResponseSchema,
} from "../../../src/proto/userapi_pb.ts";
import { type TestGrpcServer, useGrpcServers } from "../../fakes/grpc-server.ts";

const serve = useGrpcServers();
const clients: Client[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

/** A client of gRPC's own library; nothing of our client is in it. */
function clientOf({ port }: TestGrpcServer, options = {}): Client {
  const trust = credentials.createSsl(null, null, null, {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  const client = new Client(`127.0.0.1:${port}`, trust, {
    "grpc.ssl_target_name_override": createNonce().toBase64(),
    "grpc.max_receive_message_length": -1,
    ...options,
  });
  clients.push(client);
  return client;
}

function setManifest(client: Client, manifest: Uint8Array, timeoutMs = 5000, method = "SetManifest") {
  return new Promise<SetManifestResponse>((resolve, reject) => {
    client.makeUnaryRequest(
      `/edgelesssys.contrast.userapi.UserAPI/${method}`,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => fromBinary(SetManifestResponseSchema, bytes),
      toBinary(SetManifestRequestSchema, create(SetManifestRequestSchema, { Manifest: manifest })),
      { deadline: new Date(Date.now() + timeoutMs) },
      (error, answer) => (error === null && answer !== undefined ? resolve(answer) : reject(error)),
    );
  });
}

async function statusOf(call: Promise<unknown>): Promise<readonly [status | undefined, string]> {
  const { code, details } = (await call.catch((error: unknown) => error)) as ServiceError;
  return [code, details];
}

describe("startGrpcServer() with the client of grpc-js", () => {
  test("answers calls of any size, one after another and at once", async () => {
    const server = await serve({ setManifest: ({ Manifest }) => ({ RootCA: Manifest }) });
    const client = clientOf(server);
    for (const size of [0, 1, 16_384, 70_000, 8_000_000]) {
      const { RootCA } = await setManifest(client, new Uint8Array(size).fill(7));
      expect(RootCA.length).toBe(size);
    }
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => setManifest(client, Uint8Array.of(index))),
    );
    expect(answers.map(({ RootCA }) => RootCA[0])).toEqual(Array.from({ length: 300 }, (_, index) => index % 256));
    expect(server.connections).toBe(1);
  }, 20_000);

  test("answers several large calls at once on one connection", async () => {
    const answer = { RootCA: new Uint8Array(3_000_000).fill(7) };
    const server = await serve({ setManifest: () => answer });
    const client = clientOf(server);
    const answers = await Promise.all(Array.from({ length: 12 }, () => setManifest(client, Uint8Array.of(), 20_000)));
    expect(answers.map(({ RootCA }) => RootCA.length)).toEqual(Array.from({ length: 12 }, () => answer.RootCA.length));
    expect(server.connections).toBe(1);
  }, 20_000);

  test("passes on status and text", async () => {
    const server = await serve({
      setManifest: () => {
        throw new ConnectError("validating peer", Code.FailedPrecondition);
      },
    });
    expect(await statusOf(setManifest(clientOf(server), Uint8Array.of()))).toEqual([
      status.FAILED_PRECONDITION,
      "validating peer",
    ]);
  });

  test("answers methods that it does not know", async () => {
    const [code] = await statusOf(setManifest(clientOf(await serve()), Uint8Array.of(), 5000, "Burn"));
    expect(code).toBe(status.UNIMPLEMENTED);
  });

  test("refuses messages above its limit and compressed ones", async () => {
    const server = await serve({}, { readMaxBytes: 1000 });
    expect((await statusOf(setManifest(clientOf(server), new Uint8Array(1001))))[0]).toBe(status.RESOURCE_EXHAUSTED);
    const gzip = clientOf(server, { "grpc.default_compression_algorithm": compressionAlgorithms.gzip });
    expect((await statusOf(setManifest(gzip, new Uint8Array(100))))[0]).toBe(status.UNIMPLEMENTED);
  });

  test("keeps to the time limit of the client", async () => {
    const server = await serve({ setManifest: () => new Promise(() => {}) });
    const [code] = await statusOf(setManifest(clientOf(server), Uint8Array.of(), 50));
    expect(code).toBe(status.DEADLINE_EXCEEDED);
  });
});
