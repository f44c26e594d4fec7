import { afterEach, describe, expect, test } from "bun:test";
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
} from "node:crypto";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import type { CoordinatorSession } from "../../src/rpc/coordinator-session.ts";
import { type DialOptions, dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { judgeReportData } from "../fakes/atls/test-validator.ts";
import {
  type FakeCoordinator,
  type FakeCoordinatorOptions,
  startFakeCoordinator,
} from "../fakes/coordinator-server.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { startTroubledProxy } from "../fakes/troubled-proxy.ts";

const NEVER = new AbortController().signal;
const OWNER = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const SHARE_OWNER = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const POLICY = Buffer.from("package agent_policy\n");
const closers: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function hexDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function manifest(change: Record<string, unknown> = {}): Uint8Array {
  const shareOwner = createPublicKey(SHARE_OWNER).export({ type: "pkcs1", format: "der" }).toString("hex");
  const view = {
    Policies: { [hexDigest(POLICY)]: {} },
    WorkloadOwnerKeyDigests: [hexDigest(createPublicKey(OWNER).export({ type: "spki", format: "der" }))],
    SeedshareOwnerPubKeys: [shareOwner],
    ...change,
  };
  return new TextEncoder().encode(JSON.stringify(view));
}

async function coordinator(options: FakeCoordinatorOptions = {}): Promise<FakeCoordinator> {
  const server = await startFakeCoordinator(options);
  closers.push(server.close);
  return server;
}

async function dial(
  { endpoint }: Pick<FakeCoordinator, "endpoint">,
  clientKey?: KeyObject,
  options: Partial<DialOptions> = {},
): Promise<CoordinatorSession> {
  const session = await dialCoordinator(endpoint, {
    clientKey,
    validate: judgeReportData,
    now: () => new Date(),
    signal: NEVER,
    timeoutMs: 5000,
    callTimeoutMs: 5000,
    ...options,
  });
  closers.push(session.close);
  return session;
}

describe("dialCoordinator()", () => {
  test("sets the first manifest and gives the seed shares, which their owner can open", async () => {
    const server = await coordinator();
    const session = await dial(server, OWNER);
    const answer = await session.setManifest(manifest(), [POLICY]);
    expect(answer.rootCaPem).toEqual(server.state.rootCaPem);
    expect(answer.meshCaPem).toEqual(server.state.meshCaPem);
    const [share] = answer.seedShares?.shares ?? [];
    expect(answer.seedShares?.salt).toEqual(server.state.salt);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const oaep = { key: SHARE_OWNER, padding, oaepHash: "sha256", oaepLabel: Buffer.from("seedshare") };
    const opened = privateDecrypt(oaep, share!.encryptedSeed);
    expect(opened.toString("hex")).toBe(Buffer.from(server.state.seed).toString("hex"));
    expect(server.calls).toEqual(["/edgelesssys.contrast.userapi.UserAPI/SetManifest"]);
  });

  test("gives the whole history, oldest first, byte for byte", async () => {
    const server = await coordinator();
    const session = await dial(server, OWNER);
    const manifests = [manifest(), manifest({ Note: "second" })];
    for (const bytes of manifests) await session.setManifest(bytes, [POLICY]);
    const history = await session.getManifests();
    expect(history.manifests).toEqual(manifests);
    expect(history.policies).toEqual([new Uint8Array(POLICY)]);
    expect(history.rootCaPem).toEqual(server.state.rootCaPem);
    expect(history.meshCaPem).toEqual(server.state.meshCaPem);
  });

  test("has no seed shares for a later manifest", async () => {
    const session = await dial(await coordinator({ state: CoordinatorState.withManifest(manifest()) }), OWNER);
    expect((await session.setManifest(manifest(), [POLICY])).seedShares).toBeUndefined();
  });

  test("recovers with the key of a seed share owner", async () => {
    const server = await coordinator({ state: CoordinatorState.withManifest(manifest(), [POLICY]) });
    server.state.restart();
    const session = await dial(server, SHARE_OWNER);
    await session.recover(server.state.seed, server.state.salt);
    expect((await session.getManifests()).manifests).toEqual([manifest()]);
  });

  test("falls back to the name that the service had before, on the same connection", async () => {
    const state = CoordinatorState.withManifest(manifest());
    const server = await coordinator({ services: "legacy", state });
    const session = await dial(server, OWNER);
    await session.getManifests();
    await session.getManifests();
    expect(server.calls).toEqual([
      "/edgelesssys.contrast.userapi.UserAPI/GetManifests",
      "/userapi.UserAPI/GetManifests",
      "/userapi.UserAPI/GetManifests",
    ]);
    expect(server.atls.hellos.length).toBe(1);
  });

  test("gives answers far beyond the default of gRPC", async () => {
    const large = new Uint8Array(20 * 1024 * 1024).fill(0x61);
    const state = CoordinatorState.withManifest(manifest(), [large]);
    const session = await dial(await coordinator({ state }));
    const { policies } = await session.getManifests();
    expect(Buffer.compare(policies[0]!, large)).toBe(0);
  });

  test("runs calls at the same time", async () => {
    const session = await dial(await coordinator({ state: CoordinatorState.withManifest(manifest()) }));
    const histories = await Promise.all(Array.from({ length: 50 }, () => session.getManifests()));
    expect(histories.every(({ manifests }) => manifests.length === 1)).toBe(true);
  });

  test("calls nothing where the evidence is refused", async () => {
    const server = await coordinator({ trouble: "wrong-nonce" });
    expect(await codeOfAsync(() => dial(server))).toBe("attestation/rejected");
    expect(server.calls).toEqual([]);
  });
});

describe("CoordinatorSession.setManifest()", () => {
  test.each([
    ["a key that is not an owner's", { WorkloadOwnerKeyDigests: ["00".repeat(32)] }, {}, "rpc/permission-denied"],
    ["a manifest without owners in force", { WorkloadOwnerKeyDigests: [] }, {}, "rpc/permission-denied"],
    ["other seed share owners", { SeedshareOwnerPubKeys: [] }, {}, "rpc/permission-denied"],
    ["a policy that was not sent", {}, { Policies: { ["11".repeat(32)]: {} } }, "rpc/manifest-refused"],
  ])("names a refusal because of %s", async (_, before, change, code) => {
    const server = await coordinator({ state: CoordinatorState.withManifest(manifest(before)) });
    const session = await dial(server, OWNER);
    expect(await codeOfAsync(() => session.setManifest(manifest(change), [POLICY]))).toBe(code);
  });

  test("names a refusal because of what is no manifest", async () => {
    const session = await dial(await coordinator(), OWNER);
    expect(await codeOfAsync(() => session.setManifest(Buffer.from("{"), []))).toBe("rpc/manifest-refused");
  });

  test("names a request that is larger than the Coordinator accepts", async () => {
    const session = await dial(await coordinator(), OWNER);
    const policy = new Uint8Array(5 * 1024 * 1024);
    expect(await codeOfAsync(() => session.setManifest(manifest(), [policy]))).toBe("rpc/request-too-large");
  });

  test("names a Coordinator that waits for recovery", async () => {
    const server = await coordinator({ state: CoordinatorState.withManifest(manifest()) });
    server.state.restart();
    const session = await dial(server, OWNER);
    expect(await codeOfAsync(() => session.setManifest(manifest(), [POLICY]))).toBe("rpc/recovery-needed");
  });
});

describe("CoordinatorSession.getManifests()", () => {
  test("names a Coordinator without manifest", async () => {
    const session = await dial(await coordinator());
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/no-manifest");
  });

  test("names a Coordinator that waits for recovery, which 1.4 reports as internal error", async () => {
    const server = await coordinator({ state: CoordinatorState.withManifest(manifest()) });
    server.state.restart();
    const session = await dial(server);
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/recovery-needed");
  });

  test("says so where neither name of the service is known", async () => {
    const server = await coordinator({ state: CoordinatorState.withManifest(manifest()), services: "none" });
    const session = await dial(server);
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/method-missing");
  });

  test.each([
    ["reset", "rpc/unavailable"],
    ["close", "rpc/unavailable"],
    ["half-answer", "rpc/unavailable"],
    ["garbage", "rpc/answer-invalid"],
    ["damaged-message", "rpc/answer-invalid"],
    ["damaged-gzip", "rpc/answer-invalid"],
    ["web-page", "rpc/answer-invalid"],
    ["huge-answer", "rpc/answer-too-large"],
    ["endless-answer", "rpc/answer-invalid"],
    ["gzip-bomb", "rpc/answer-too-large"],
  ] as const)("names the trouble of a Coordinator with %s", async (trouble, code) => {
    const session = await dial(await coordinator({ trouble }));
    expect(await codeOfAsync(() => session.getManifests())).toBe(code);
  });

  test("gives up in time where nothing is answered", async () => {
    const session = await dial(await coordinator({ trouble: "stall" }), undefined, { callTimeoutMs: 50 });
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/timeout");
  });

  test("stops when the user wants it to", async () => {
    const controller = new AbortController();
    const session = await dial(await coordinator({ trouble: "stall" }), undefined, { signal: controller.signal });
    const code = codeOfAsync(() => session.getManifests());
    controller.abort();
    expect(await code).toBe("lib/interrupted");
    expect(await codeOfAsync(() => session.getManifests())).toBe("lib/interrupted");
  });

  test("says after the end of the connection that it is lost", async () => {
    const session = await dial(await coordinator({ trouble: "close" }));
    await codeOfAsync(() => session.getManifests());
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/unavailable");
    const noise = await dial(await coordinator({ trouble: "garbage" }));
    await codeOfAsync(() => noise.getManifests());
    expect(await codeOfAsync(() => noise.getManifests())).toBe("rpc/answer-invalid");
    const closed = await dial(await coordinator());
    closed.close();
    expect(await codeOfAsync(() => closed.getManifests())).toBe("rpc/unavailable");
  });

  test("says that a connection is lost that broke while the evidence was judged", async () => {
    const server = await coordinator();
    const validate: EvidenceValidator = async (...args) => {
      server.atls.resetAll();
      // The reset must have arrived, and its events must be over, before HTTP/2 begins.
      for (let round = 0; round < 100; round++) await new Promise((resolve) => setImmediate(resolve));
      return await judgeReportData(...args);
    };
    const session = await dial(server, undefined, { validate });
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/unavailable");
  });

  test("names every break of the connection, whichever byte it follows", async () => {
    const { endpoint } = await coordinator({ state: CoordinatorState.withManifest(manifest(), [POLICY]) });
    const whole = await startTroubledProxy(endpoint.port, "stall", 1_000_000);
    closers.push(whole.close);
    const session = await dial({ endpoint: { ...endpoint, port: whole.port } });
    await session.getManifests();
    const totalBytes = whole.passedBytes();
    for (const trouble of ["close", "reset", "garbage"] as const) {
      for (let afterBytes = totalBytes - 900; afterBytes < totalBytes - 30; afterBytes += 97) {
        const proxy = await startTroubledProxy(endpoint.port, trouble, afterBytes);
        const code = await codeOfAsync(async () => {
          const cut = await dial({ endpoint: { ...endpoint, port: proxy.port } });
          return await cut.getManifests();
        });
        await proxy.close();
        expect(["rpc/unavailable", "no error, returned object"], `${trouble} after ${afterBytes}`).toContain(code);
      }
    }
  });
});

describe("CoordinatorSession.recover()", () => {
  test.each([
    ["a seed of another deployment", new Uint8Array(64), SHARE_OWNER, "rpc/recovery-refused"],
    ["a seed that is too short", new Uint8Array(31), SHARE_OWNER, "rpc/recovery-refused"],
    ["a key that is not an owner's", undefined, OWNER, "rpc/permission-denied"],
  ])("names a refusal because of %s", async (_, seed, key, code) => {
    const server = await coordinator({ state: CoordinatorState.withManifest(manifest()) });
    server.state.restart();
    const session = await dial(server, key);
    expect(await codeOfAsync(() => session.recover(seed ?? server.state.seed, server.state.salt))).toBe(code);
  });

  test("names a Coordinator that is running, and one without history", async () => {
    const running = await coordinator({ state: CoordinatorState.withManifest(manifest()) });
    const { seed, salt } = running.state;
    const session = await dial(running, SHARE_OWNER);
    expect(await codeOfAsync(() => session.recover(seed, salt))).toBe("rpc/already-recovered");
    const empty = await dial(await coordinator(), SHARE_OWNER);
    expect(await codeOfAsync(() => empty.recover(seed, salt))).toBe("rpc/nothing-to-recover");
  });
});
