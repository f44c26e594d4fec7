import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mapPool } from "../../src/lib/pool.ts";
import { DEFAULT_GRPC_LIMITS } from "../../src/rpc/serve/grpc-limits.ts";
import { createMachine } from "../../src/simulator/machine.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { until } from "../fakes/until.ts";
import { type CompiledCoordinator, useCompiledCoordinators } from "./coordinator-client/compiled-coordinator.ts";
import { type Call, type CallAnswer, useGoClient } from "./coordinator-client/go-client.ts";
import { sampleManifest, setRequest } from "./coordinator-client/sample-manifest.ts";
import { trustMachine, useSimulatedWorld } from "./coordinator-client/simulated-world.ts";

// Programs are compiled first, and all of them share two processors in CI.
setDefaultTimeout(60_000);

const MEBIBYTE = 1 << 20;
const GET = { method: "GetManifests" };
const NO_MANIFEST = { code: "FailedPrecondition", details: 0 };
const USER_API = 'grpc_type="unary",grpc_service="edgelesssys.contrast.userapi.UserAPI"';
const STARTED = `contrast_grpc_server_started_total{${USER_API},grpc_method="SetManifest"}`;
const handled = (method: string, code: string): string =>
  `contrast_grpc_server_handled_total{${USER_API},grpc_method="${method}",grpc_code="${code}"}`;

describe.if(hasPrograms("gRPC over attested TLS for a client in Go", "go"))("contrast coordinator", () => {
  const client = useGoClient();
  const world = useSimulatedWorld("tdx");
  const start = useCompiledCoordinators();
  let coordinator: CompiledCoordinator;
  let trust: string;

  beforeAll(async () => {
    coordinator = await start(world());
    trust = await trustMachine(client(), world());
  });

  const call = async (members: Partial<Call> & Pick<Call, "method">): Promise<CallAnswer> =>
    await client().call({ address: coordinator.address, trust, ...members });

  test.each([
    ["TLS 1.2", { tls: "1.2" }],
    ["TLS 1.2 without a certificate", { tls: "1.2", key: "none" }],
    ["TLS 1.3", {}],
    ["a second hello", { retry: true }],
    ["a second hello and the nonce in ALPN", { retry: true, nonce: "alpn" }],
    ["the nonce in ALPN", { nonce: "alpn" }],
    ["the nonce in ALPN, TLS 1.2", { nonce: "alpn", tls: "1.2" }],
    ["the older name of the service", { service: "userapi.UserAPI" }],
  ] as const)("serves clients with %s", async (_name, members) => {
    expect(await call({ ...GET, ...members })).toMatchObject(NO_MANIFEST);
  });

  test.each(["p256", "p384", "p521", "ed25519", "rsa2048"])("serves clients with a key of kind %s", async (kind) => {
    await client().ask("key", { name: kind, kind });
    for (const tls of [{}, { tls: "1.2" }] as const) {
      expect(await call({ ...GET, ...tls, key: kind })).toMatchObject(NO_MANIFEST);
    }
  });

  test.each(["none", "bad"] as const)("shows nothing to clients whose nonce is %s", async (nonce) => {
    const { code, message } = await call({ ...GET, nonce });
    expect([code, message]).toEqual(["Unavailable", expect.stringContaining("remote error: tls: ")]);
  });

  test("is refused by a client that expects another machine", async () => {
    const stranger = await createMachine("tdx", new Date());
    for (const change of [
      { name: "other roots", roots: stranger.rootsPem },
      { name: "other measurements", referenceValues: stranger.referenceValues(new Uint8Array(48).fill(1)) },
      { name: "SNP", referenceValues: { snp: [] } },
    ]) {
      const other = await trustMachine(client(), world(), change);
      expect(await call({ ...GET, trust: other })).toMatchObject({ code: "Unavailable" });
    }
  });

  test.each([
    ["edgelesssys.contrast.userapi.UserAPI", "GetManifest"],
    ["grpc.reflection.v1.ServerReflection", "ServerReflectionInfo"],
    ["meshapi.MeshAPI", "NewMeshCert"],
    ["userapi.Userapi", "GetManifests"],
  ])("does not know %s/%s on the port for users", async (service, method) => {
    expect(await call({ service, method })).toMatchObject({ code: "Unimplemented", details: 0 });
  });

  test("tells what is wrong with a message", async () => {
    expect(await call({ method: "SetManifest", raw: btoa("\x0a\x7f") })).toMatchObject({ code: "Internal" });
    expect(await call({ ...GET, gzip: true })).toMatchObject({ code: "Unimplemented" });
  });

  test("takes requests of 5 MiB, and not such as are over its limit", async () => {
    const large = await start(world());
    const request = setRequest(sampleManifest(world(), { digests: [], seedShareKeys: [] }));
    const members = { address: large.address, method: "SetManifest", request } as const;
    expect(await call({ ...members, extraBytes: 64 * MEBIBYTE })).toMatchObject({ code: "ResourceExhausted" });
    expect(await call({ ...members, extraBytes: 5 * MEBIBYTE })).toMatchObject({ code: "OK" });
    expect((await call({ ...GET, address: large.address })).response.manifests).toEqual([request.manifest!]);
  });

  test("ends a call whose time is over, and serves the next one on its connection", async () => {
    const members = { address: coordinator.address, trust, channel: "patience" };
    await client().ask("hold", { ...members, method: "SetManifest", name: "late", timeoutMs: 150 });
    expect(await client().ask<CallAnswer>("finish", { name: "late", silent: true })).toMatchObject({
      code: "DeadlineExceeded",
    });
    await until(async () => {
      // Both ends know the time, and either may be the first.
      const ended = ["Canceled", "DeadlineExceeded"].map((code) => coordinator.metric(handled("SetManifest", code)));
      return (await Promise.all(ended)).includes(1);
    });
    expect(await call({ ...GET, ...members })).toMatchObject(NO_MANIFEST);
  });

  test("answers many calls on one connection, and many connections", async () => {
    const reused = await Promise.all(Array.from({ length: 300 }, async () => await call({ ...GET, channel: "one" })));
    for (const answer of reused) expect(answer).toMatchObject(NO_MANIFEST);
    const fresh = await mapPool(Array.from({ length: 200 }), 16, async () => await call(GET));
    for (const answer of fresh) expect(answer).toMatchObject(NO_MANIFEST);
  });

  test("answers pings without a pause", async () => {
    const answer = await client().ask<object>("pings", { address: coordinator.address, trust, count: 500 });
    expect(answer).toMatchObject({ acknowledged: 500, goAway: "", maxStreams: DEFAULT_GRPC_LIMITS.streams });
  });

  test("lets a call under way finish when it is asked to end", async () => {
    const ending = await start(world());
    const request = setRequest(sampleManifest(world(), { digests: [], seedShareKeys: [] }));
    const members = { address: ending.address, trust, channel: "ending", method: "SetManifest", request };
    await client().ask("hold", { ...members, name: "under-way" });
    await until(async () => (await ending.metric(STARTED)) === 1);
    const stopped = ending.stop();
    await until(async () => (await call({ ...GET, address: ending.address })).code === "Unavailable");
    expect(await client().ask<CallAnswer>("finish", { name: "under-way" })).toMatchObject({ code: "OK" });
    expect(await stopped).toBe(0);
    expect(await call({ ...GET, address: ending.address, channel: "ending" })).toMatchObject({ code: "Unavailable" });
  });
});
