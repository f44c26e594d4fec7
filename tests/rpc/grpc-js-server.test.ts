import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  compressionAlgorithms,
  Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  status,
} from "@grpc/grpc-js";
import * as fc from "fast-check";
import type { Evidence } from "../../src/attestation/evidence.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { concludeVerdict } from "../../src/attestation/verdict.ts";
import {
  GetManifestsResponseSchema,
  SetManifestRequestSchema,
  SetManifestResponseSchema,
} from "../../src/proto/userapi_pb.ts";
import type { CoordinatorSession } from "../../src/rpc/coordinator-session.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { certificatePem, derCertificate } from "../fakes/atls/der-certificate.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

type Handler = (request: Buffer) => { answer: Uint8Array } | { code: status; details: string };

/** The service of a test, with messages as bytes. */
const handlers = new Map<string, Handler>();
const server = new Server({
  "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
  "grpc.max_receive_message_length": 4 * 1024 * 1024,
});
let port = 0;

/** The certificate is the same for all connections here: this is about gRPC with another implementation. */
const acceptAll: EvidenceValidator = () => {
  const checks = [{ id: "none", subject: "none", outcome: "passed" }] as const;
  return Promise.resolve(concludeVerdict({} as Evidence, [{ name: "request", checks }], undefined));
};

function method(service: string, name: string) {
  const same = (bytes: Buffer): Buffer => bytes;
  const path = `/${service}/${name}`;
  const implementation = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const outcome = handlers.get(name)?.(call.request) ?? { code: status.UNIMPLEMENTED, details: "no handler" };
    if ("answer" in outcome) callback(null, Buffer.from(outcome.answer));
    else callback({ ...outcome, metadata: new Metadata() });
  };
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  return { definition, implementation };
}

beforeAll(async () => {
  const service = "userapi.UserAPI";
  const names = ["SetManifest", "GetManifests", "Recover"];
  const methods = names.map((name) => [name, method(service, name)] as const);
  server.addService(
    Object.fromEntries(methods.map(([name, { definition }]) => [name, definition])),
    Object.fromEntries(methods.map(([name, { implementation }]) => [name, implementation])),
  );
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const extensions = [{ oid: "1.3.9901.2.1", value: new Uint8Array(64) }];
  const credentials = ServerCredentials.createSsl(null, [
    {
      private_key: Buffer.from(key.export({ type: "pkcs8", format: "pem" })),
      cert_chain: Buffer.from(certificatePem(derCertificate({ key, extensions }))),
    },
  ]);
  port = await new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error))),
  );
});

afterAll(() => server.forceShutdown());

async function withSession<T>(use: (session: CoordinatorSession) => Promise<T>): Promise<T> {
  const session = await dialCoordinator(
    { host: "127.0.0.1", port },
    {
      clientKey: undefined,
      validate: acceptAll,
      now: () => new Date(),
      signal: new AbortController().signal,
      callTimeoutMs: 5000,
    },
  );
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

describe("dialCoordinator() with grpc-js as server", () => {
  test("sends and receives messages, compressed by the server, under the old name of the service", async () => {
    let seen: Buffer = Buffer.alloc(0);
    handlers.set("SetManifest", (request) => {
      seen = request;
      const answer = create(SetManifestResponseSchema, {
        RootCA: Buffer.alloc(100_000, "R"),
        MeshCA: Buffer.from("M"),
      });
      return { answer: toBinary(SetManifestResponseSchema, answer) };
    });
    const policies = [new Uint8Array(100_000).fill(0x70), Uint8Array.of(1)];
    const answer = await withSession((session) => session.setManifest(Uint8Array.of(0x7b, 0x7d), policies));
    expect(answer.rootCaPem.length).toBe(100_000);
    const request = fromBinary(SetManifestRequestSchema, seen);
    expect([request.Manifest.length, ...request.Policies.map(({ length }) => length)]).toEqual([2, 100_000, 1]);
  });

  test("receives a large answer whole", async () => {
    const Policies = [new Uint8Array(16 * 1024 * 1024).map((_, index) => index * 7919)];
    const answer = toBinary(GetManifestsResponseSchema, create(GetManifestsResponseSchema, { Policies }));
    handlers.set("GetManifests", () => ({ answer }));
    const { policies } = await withSession((session) => session.getManifests());
    expect(Buffer.compare(policies[0]!, Policies[0]!)).toBe(0);
  });

  test.each([
    [status.PERMISSION_DENIED, "peer not authorized: 100 % „unbefugt“", "rpc/permission-denied"],
    [status.FAILED_PRECONDITION, "coordinator is in recovery mode", "rpc/recovery-needed"],
    [status.INVALID_ARGUMENT, "bad", "rpc/manifest-refused"],
    [status.UNIMPLEMENTED, "nothing here", "rpc/method-missing"],
    [status.UNAVAILABLE, "later", "rpc/unavailable"],
  ])("reads status %d", async (code, details, expected) => {
    handlers.set("SetManifest", () => ({ code, details }));
    expect(await codeOfAsync(() => withSession((session) => session.setManifest(new Uint8Array(), [])))).toBe(expected);
  });

  test("reads or refuses any bytes as answer, and keeps the connection", async () => {
    await withSession(async (session) => {
      const property = fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (answer) => {
        handlers.set("GetManifests", () => ({ answer }));
        const code = await codeOfAsync(() => session.getManifests());
        expect(["no error, returned object", "rpc/answer-invalid"]).toContain(code);
      });
      await fc.assert(property, { numRuns: 100, seed: 1313 });
    });
  });

  test("names a request beyond the server's limit", async () => {
    const policy = new Uint8Array(5 * 1024 * 1024);
    expect(await codeOfAsync(() => withSession((session) => session.setManifest(policy, [])))).toBe(
      "rpc/request-too-large",
    );
  });
});
