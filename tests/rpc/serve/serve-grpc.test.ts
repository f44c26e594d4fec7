import { describe, expect, test } from "bun:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { generateKeyPairSync } from "node:crypto";
import { ContrastError } from "../../../src/lib/errors.ts";
import { dialCoordinator } from "../../../src/rpc/dial-coordinator.ts";
import type { CoordinatorSession } from "../../../src/rpc/coordinator-session.ts";
import { judgeReportData } from "../../fakes/atls/test-validator.ts";
import { SILENT_LOG } from "../../fakes/atls/atls-service.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { type TestGrpcServer, useGrpcServers } from "../../fakes/grpc-server.ts";

const serve = useGrpcServers();
const SERVICE = "edgelesssys.contrast.userapi.UserAPI";

function dial({ endpoint }: Pick<TestGrpcServer, "endpoint">, change = {}): Promise<CoordinatorSession> {
  const { signal } = new AbortController();
  const options = { clientKey: undefined, validate: judgeReportData, now: () => new Date(), signal, timeoutMs: 5000 };
  return dialCoordinator(endpoint, { ...options, ...change });
}

describe("startGrpcServer()", () => {
  test("hands each call its message, its caller and the admission of its connection", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const seen: unknown[] = [];
    const server = await serve({
      setManifest: ({ Manifest, Policies }, { peer, admission, evidence }) => {
        seen.push(Policies.length, peer?.publicKey.equals(publicKey), admission, evidence);
        return { RootCA: Manifest };
      },
    });
    const session = await dial(server, { clientKey: privateKey });
    const { rootCaPem } = await session.setManifest(Uint8Array.of(1, 2), [Uint8Array.of(3)]);
    expect([...rootCaPem]).toEqual([1, 2]);
    expect(seen).toEqual([1, true, "admitted", undefined]);
    expect(server.observed).toEqual(
      ["started", "received", "sent", "handled"]
        .map((event) => `${event} ${SERVICE} SetManifest`)
        .map((line, index) => (index === 3 ? `${line} OK` : line)),
    );
    session.close();
  });

  test("passes on the status of a handler", async () => {
    const server = await serve({
      recover: () => {
        throw new ConnectError("peer not authorized: ä%", Code.PermissionDenied);
      },
    });
    const session = await dial(server);
    expect(await codeOfAsync(() => session.recover(new Uint8Array(64), new Uint8Array(32)))).toBe(
      "rpc/permission-denied",
    );
    expect(server.observed.at(-1)).toBe(`handled ${SERVICE} Recover PermissionDenied`);
    session.close();
  });

  test("tells a client nothing of an error that is no status, and logs it", async () => {
    const logged: string[] = [];
    const log = {
      ...SILENT_LOG,
      error: (text: string, fields = {}) => logged.push(`${text} ${JSON.stringify(fields)}`),
    };
    const server = await serve(
      {
        getManifests: () => {
          throw new ContrastError("lib/internal", "the secret path /x");
        },
      },
      { atls: { log } },
    );
    const session = await dial(server);
    const error = await session.getManifests().catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "rpc/server-failed" });
    expect(String(error)).not.toContain("secret");
    expect(logged.join()).toContain("secret path");
    expect(server.observed.at(-1)).toBe(`handled ${SERVICE} GetManifests Internal`);
    session.close();
  });

  test("takes a message of 16 MiB and no larger one, and sends large answers", async () => {
    const server = await serve({ setManifest: ({ Manifest }) => ({ RootCA: Manifest }) });
    const session = await dial(server);
    const largest = new Uint8Array(16 * 1024 * 1024 - 5);
    expect((await session.setManifest(largest, [])).rootCaPem.length).toBe(largest.length);
    expect(await codeOfAsync(() => session.setManifest(new Uint8Array(16 * 1024 * 1024 - 4), []))).toBe(
      "rpc/request-too-large",
    );
    session.close();
  });
});
