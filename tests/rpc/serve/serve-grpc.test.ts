import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { ContrastError } from "../../../src/lib/errors.ts";
import { UserAPI } from "../../../src/proto/userapi_pb.ts";
import { createCallRoutes } from "../../../src/rpc/serve/call-routes.ts";
import type { ServedService } from "../../../src/rpc/serve/served-service.ts";
import { SILENT_LOG } from "../../fakes/atls/atls-service.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { useGrpcServers } from "../../fakes/grpc-server.ts";
import { callHead, emptyMessage, FRAME, openRawHttp2, rawFrame } from "../../fakes/http2-frames.ts";
import { until } from "../../fakes/until.ts";
import { SERVICE, dial, exchange, statusOf } from "../../fakes/grpc-calls.ts";

const serve = useGrpcServers();
const CANCEL = Buffer.of(0, 0, 0, 8);
const SILENT_OBSERVER = { started: () => {}, received: () => {}, sent: () => {}, handled: () => {} };

function untilAborted(signal: AbortSignal, reasons: unknown[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reasons.push(signal.reason);
      reject(signal.reason);
    });
  });
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

  test("serves older names of a service, and counts them with the new one", async () => {
    const server = await serve();
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, "/userapi.UserAPI/Recover"), emptyMessage(1));
    await http.frame(FRAME.data);
    expect(server.observed).toContain(`started ${SERVICE} Recover`);
    http.socket.destroy();
  });

  test("answers Unimplemented to methods that it does not know, and to compressed messages", async () => {
    const server = await serve();
    expect(await statusOf(server, `/${SERVICE}/Burn`)).toBe("12");
    expect(await statusOf(server, `/${SERVICE}/Recover`, { "grpc-encoding": "gzip" })).toBe("12");
    expect(await statusOf(server, `/${SERVICE}/Recover`)).toBe("0");
  });

  test("speaks nothing but gRPC", async () => {
    const server = await serve();
    for (const type of ["application/json", "application/proto", "application/grpc-web", "application/connect+proto"]) {
      for (const path of [`/${SERVICE}/Recover`, "/nothing"]) {
        const { status } = await exchange(server, path, { "content-type": type });
        expect(status).toBe(415);
      }
    }
  });

  test("refuses a second message and a damaged one", async () => {
    const server = await serve();
    const second = Buffer.concat([Buffer.alloc(5), Buffer.alloc(5)]);
    expect((await exchange(server, `/${SERVICE}/Recover`, {}, second)).grpcStatus).toBe("12");
    const damaged = Buffer.from("0000000002ffff", "hex");
    expect((await exchange(server, `/${SERVICE}/Recover`, {}, damaged)).grpcStatus).toBe("13");
    expect(server.observed.some((line) => line.startsWith("received"))).toBeFalse();
  });

  test("tells a handler when the time of its client is over", async () => {
    const reasons: unknown[] = [];
    const server = await serve({ getManifests: (_request, { signal }) => untilAborted(signal, reasons) });
    const { grpcStatus } = await exchange(server, `/${SERVICE}/GetManifests`, { "grpc-timeout": "20m" });
    expect([grpcStatus, reasons.length]).toEqual(["4", 1]);
    expect(server.observed.at(-1)).toBe(`handled ${SERVICE} GetManifests DeadlineExceeded`);
  });

  test.each(["99999999H", "25H", "36000M", "99999999S", "9999999m"])(
    "takes a time limit of %s for none",
    async (timeout) => {
      // A limit that overflows would be over after a millisecond.
      const server = await serve({ recover: () => new Promise((resolve) => setTimeout(() => resolve({}), 10)) });
      const { grpcStatus } = await exchange(server, `/${SERVICE}/Recover`, { "grpc-timeout": timeout });
      expect(grpcStatus).toBe("0");
    },
  );

  test("tells a handler when its client gave up", async () => {
    const reasons: unknown[] = [];
    const server = await serve({ getManifests: (_request, { signal }) => untilAborted(signal, reasons) });
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, `/${SERVICE}/GetManifests`), emptyMessage(1));
    await until(() => server.observed.length >= 2);
    http.send(rawFrame(FRAME.reset, 0, 1, CANCEL));
    await until(() => server.observed.length >= 3);
    expect([server.observed.at(-1), reasons.length]).toEqual([`handled ${SERVICE} GetManifests Canceled`, 1]);
    http.socket.destroy();
  });

  test("lets calls under way finish when it stops, and takes no other", async () => {
    const gate = Promise.withResolvers<object>();
    const server = await serve({ getManifests: () => gate.promise });
    const session = await dial(server);
    const call = session.getManifests();
    await until(() => server.observed.length >= 2);
    const stopped = server.stop(10_000);
    expect(await codeOfAsync(() => dial(server))).toBe("atls/unreachable");
    gate.resolve({});
    await call;
    await stopped;
    expect(server.connections).toBe(0);
  });

  test("lets its clients connect again, when their calls are answered", async () => {
    const gate = Promise.withResolvers<object>();
    const server = await serve({ getManifests: () => gate.promise });
    const [busy, idle] = [await dial(server), await dial(server)];
    const call = busy.getManifests();
    await until(() => server.observed.length >= 2);
    server.renewConnections();
    await until(() => server.connections === 1);
    expect(await codeOfAsync(() => idle.getManifests())).toBe("rpc/unavailable");
    gate.resolve({});
    await call;
    await until(() => server.connections === 0);
    const again = await dial(server);
    await again.getManifests();
    again.close();
  });

  test("waits no longer for calls than told when it stops", async () => {
    const server = await serve({ getManifests: () => new Promise(() => {}) });
    const session = await dial(server);
    const call = codeOfAsync(() => session.getManifests());
    await until(() => server.observed.length >= 2);
    await server.stop(20);
    expect(await call).toBe("rpc/unavailable");
  });

  test("refuses services that are not unary, and missing handlers", () => {
    const options = { observer: SILENT_OBSERVER, readMaxBytes: 1, log: SILENT_LOG };
    const service = { service: UserAPI, names: ["x"], methods: {} } as unknown as ServedService<unknown>;
    expect(codeOf(() => createCallRoutes([service], options))).toBe("lib/internal");
  });
});
