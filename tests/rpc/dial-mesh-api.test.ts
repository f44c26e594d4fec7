import { afterEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodePublicKeyDer, publicKeyOf } from "../../src/lib/der-key.ts";
import { dialMeshApi, type MeshDialOptions, type MeshSession } from "../../src/rpc/dial-mesh-api.ts";
import { REPORT_DATA_ISSUER } from "../fakes/atls/report-data-issuer.ts";
import { judgeReportData } from "../fakes/atls/test-validator.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { startFakeCoordinator } from "../fakes/coordinator-server.ts";
import { type MeshServer, type MeshServerOptions, startMeshServer, WORKLOAD_SECRET } from "../fakes/mesh-server.ts";

const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const SPKI = Buffer.from(encodePublicKeyDer(publicKeyOf(KEY), "spki")).toString("hex");
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(options: MeshServerOptions = {}): Promise<MeshServer> {
  const server = await startMeshServer(options);
  closers.push(server.close);
  return server;
}

async function dial(endpoint: MeshServer["endpoint"], options: Partial<MeshDialOptions> = {}): Promise<MeshSession> {
  const session = await dialMeshApi(endpoint, {
    key: KEY,
    issuer: REPORT_DATA_ISSUER,
    validate: undefined,
    now: () => new Date(),
    signal: new AbortController().signal,
    timeoutMs: 5000,
    callTimeoutMs: 5000,
    ...options,
  });
  closers.push(session.close);
  return session;
}

async function codeOfCall(options: MeshServerOptions, dialling: Partial<MeshDialOptions> = {}): Promise<string> {
  const { endpoint } = await serve(options);
  return await codeOfAsync(async () => await (await dial(endpoint, dialling)).newMeshCert());
}

const refuseWith = (code: Code, text = "test") => ({
  change: () => {
    throw new ConnectError(text, code);
  },
});

describe("dialMeshApi()", () => {
  test("gets the certificate of its key from an attested call", async () => {
    const { endpoint, callers, refusals } = await serve();
    const certificate = await (await dial(endpoint)).newMeshCert();
    expect(callers).toEqual([SPKI]);
    expect(refusals).toEqual([]);
    expect(Buffer.from(certificate.workloadSecret)).toEqual(Buffer.from(WORKLOAD_SECRET));
    expect(
      Buffer.from(certificate.certChainPem)
        .toString()
        .match(/BEGIN CERTIFICATE/g)?.length,
    ).toBe(2);
  });

  test("takes an answer without a secret", async () => {
    const { endpoint } = await serve({ change: (answer) => ({ ...answer, secret: new Uint8Array() }) });
    expect((await (await dial(endpoint)).newMeshCert()).workloadSecret.length).toBe(0);
  });

  test("attests a server that has evidence, where it is asked to", async () => {
    const { endpoint } = await serve({ issuer: REPORT_DATA_ISSUER });
    const session = await dial(endpoint, { validate: judgeReportData });
    expect((await session.newMeshCert()).meshCaPem.length).toBeGreaterThan(100);
    const { endpoint: plain } = await serve();
    expect(await codeOfAsync(() => dial(plain, { validate: judgeReportData }))).toBe("atls/no-evidence");
  });

  test("says that the Coordinator refuses the evidence", async () => {
    const { endpoint, refusals, callers } = await serve();
    const lying = {
      ...REPORT_DATA_ISSUER,
      issue: () => Promise.resolve({ oid: "1.3.9901.2.1", value: new Uint8Array(64) }),
    };
    const call = async (): Promise<unknown> => await (await dial(endpoint, { issuer: lying })).newMeshCert();
    expect(await codeOfAsync(call)).toBe("rpc/client-refused");
    expect(refusals.map(({ reason }) => reason)).toEqual(["attestation"]);
    expect(callers).toEqual([]);
  });

  test.each([
    ["PermissionDenied", "rpc/policy-not-in-manifest", refuseWith(Code.PermissionDenied)],
    [
      "FailedPrecondition in recovery mode",
      "rpc/recovery-needed",
      refuseWith(Code.FailedPrecondition, "recovery mode"),
    ],
    ["Unavailable", "rpc/unavailable", refuseWith(Code.Unavailable)],
    ["Unknown", "rpc/server-failed", refuseWith(Code.Unknown)],
    ["Unimplemented", "rpc/method-missing", refuseWith(Code.Unimplemented)],
  ])("explains %s as %s", async (_name, code, options) => {
    expect(await codeOfCall(options)).toBe(code);
  });

  test("refuses an answer that does not hang together, or is too large", async () => {
    const other: MeshServerOptions = { change: (answer) => ({ ...answer, rootCa: "nothing" }) };
    expect(await codeOfCall(other)).toBe("rpc/mesh-certificate-invalid");
    const large: MeshServerOptions = { change: (answer) => ({ ...answer, secret: new Uint8Array(1024 * 1024) }) };
    expect(await codeOfCall(large)).toBe("rpc/answer-too-large");
  });

  test("does not wait for an answer for ever", async () => {
    const stalled: MeshServerOptions = { change: () => new Promise(() => {}) };
    expect(await codeOfCall(stalled, { callTimeoutMs: 50 })).toBe("rpc/timeout");
  });

  test("knows where it is not the mesh API that answers", async () => {
    const user = await startFakeCoordinator();
    closers.push(user.close);
    const call = async (): Promise<unknown> => await (await dial(user.endpoint)).newMeshCert();
    expect(await codeOfAsync(call)).toBe("rpc/method-missing");
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    const { port } = server.address() as { port: number };
    expect(await codeOfAsync(() => dial({ host: "127.0.0.1", port }))).toBe("atls/handshake-closed");
  });
});
