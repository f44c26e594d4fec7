import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openHistory } from "../../src/coordinator/history/history.ts";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";
import { nodeDisk } from "../../src/lib/disk.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { type CompiledCoordinator, useCompiledCoordinators } from "./coordinator-client/compiled-coordinator.ts";
import {
  type Call,
  type CallAnswer,
  type GoClient,
  type Request,
  useGoClient,
} from "./coordinator-client/go-client.ts";
import {
  DATABASE_POLICY,
  sampleManifest,
  type SampleManifest,
  setRequest,
  WEB_POLICY,
} from "./coordinator-client/sample-manifest.ts";
import { hashOf, trustMachine, useSimulatedWorld } from "./coordinator-client/simulated-world.ts";

// Programs are compiled first, and all of them share two processors in CI.
setDefaultTimeout(60_000);

/** Code and distinguishing words of a status. */
type Row = readonly [code: string, words: string];

const OK: Row = ["OK", ""];
const RECOVERY: Row = ["FailedPrecondition", "coordinator is in recovery mode"];
const NOT_AUTHORIZED: Row = ["PermissionDenied", "validating peer: peer not authorized"];
const RECOVERY_DENIED: Row = ["PermissionDenied", "peer not authorized to recover existing state"];
const HANDSHAKE: Row = ["Unavailable", "authentication handshake failed"];

/**
 * The tables of coordinator.md 2.5. Rows that only inner failures lead to are provoked in the unit tests: SetManifest 11
 * and 17 in `tests/coordinator/set-manifest.test.ts`, the write of `latest` of 16 there too.
 */
describe.if(hasPrograms("status codes for a client in Go", "go"))("contrast coordinator", () => {
  const client = useGoClient();
  const world = useSimulatedWorld("tdx");
  const start = useCompiledCoordinators();

  /** A manifest of the owners `owner` and `seed-owner`, whose keys are made once. */
  async function manifestOf(change: (manifest: SampleManifest) => void = () => {}): Promise<SampleManifest> {
    owners ??= makeOwners(client());
    const { digest, publicKey } = await owners;
    const manifest = sampleManifest(world(), { digests: [digest], seedShareKeys: [publicKey] });
    change(manifest);
    return manifest;
  }
  let owners: ReturnType<typeof makeOwners> | undefined;

  let trust: Promise<string> | undefined;
  const call = async ({ address }: CompiledCoordinator, members: Omit<Call, "address">): Promise<CallAnswer> => {
    trust ??= trustMachine(client(), world());
    return await client().call({ address, trust: await trust, ...members });
  };
  const set = async (to: CompiledCoordinator, manifest: SampleManifest | string, key?: string): Promise<CallAnswer> =>
    await call(to, { method: "SetManifest", request: setRequest(manifest), ...(key === undefined ? {} : { key }) });
  const get = async (from: CompiledCoordinator): Promise<CallAnswer> => await call(from, { method: "GetManifests" });
  const recover = async (coordinator: CompiledCoordinator, request: Request, key = "seed-owner"): Promise<CallAnswer> =>
    await call(coordinator, { method: "Recover", request, key });
  /** Asks as the workload `web`, or as another one. */
  const mesh = async ({ meshAddress: address }: CompiledCoordinator, members: object = {}, policy = WEB_POLICY) =>
    await client().mesh({ name: "workload", address, evidence: { ...world().evidence(policy), ...members } });

  /** Starts a Coordinator with a first manifest. */
  async function started(
    manifest?: SampleManifest,
  ): Promise<CompiledCoordinator & { readonly secret: Required<Request> }> {
    const coordinator = await start(world());
    const answer = await set(coordinator, manifest ?? (await manifestOf()));
    expectRow(answer, OK);
    const [share] = answer.response.seedShares ?? [];
    const { seed } = await client().ask<{ seed: string }>("open-share", {
      key: "seed-owner",
      share: share!.encryptedSeed,
    });
    return { ...coordinator, secret: { manifest: "", policies: [], seed, salt: answer.response.salt! } };
  }

  test("without a manifest refuses as the tables say", async () => {
    const coordinator = await start(world());
    expectRow(await get(coordinator), ["FailedPrecondition", "no manifest configured"]);
    const request = { seed: btoa("s".repeat(64)), salt: btoa("s".repeat(32)) };
    await manifestOf();
    expectRow(await recover(coordinator, request), ["FailedPrecondition", "no persisted transaction to recover from"]);
    expectRow(await mesh(coordinator), HANDSHAKE);
    const rows: readonly [SampleManifest | string, Row][] = [
      ["{", ["InvalidArgument", "unmarshaling manifest"]],
      ['{"Policies":[]}', ["InvalidArgument", "unmarshaling manifest"]],
      [await manifestOf((m) => m.SeedshareOwnerPubKeys.push("zz")), ["InvalidArgument", "initializing seed engine"]],
      [
        await manifestOf((m) => m.SeedshareOwnerPubKeys.push("3003020100")),
        ["InvalidArgument", "initializing seed engine"],
      ],
      [await manifestOf((m) => (m.Policies["zz"] = { SANs: ["x"] })), ["InvalidArgument", "invalid policy hash"]],
      [
        await manifestOf((m) => (m.Policies["12".repeat(32)] = { SANs: ["x"] })),
        ["InvalidArgument", `no policy provided for hash "${"12".repeat(32)}"`],
      ],
    ];
    for (const [manifest, row] of rows) expectRow(await set(coordinator, manifest), row);
    expectRow(await get(coordinator), ["FailedPrecondition", "no manifest configured"]);
  });

  test("with a manifest lets only its owners change it", async () => {
    const coordinator = await start(world());
    const manifest = await manifestOf();
    // Anybody may set the first one.
    expectRow(await set(coordinator, manifest, "none"), OK);
    expectRow(await set(coordinator, manifest, "none"), [
      "PermissionDenied",
      "validating peer: no peer certificates found",
    ]);
    const stranger = await client().ask<{ digest: string }>("key", { name: "stranger", kind: "p384" });
    expectRow(await set(coordinator, manifest), NOT_AUTHORIZED);
    expectRow(
      await set(coordinator, await manifestOf((m) => m.WorkloadOwnerKeyDigests.push(stranger.digest)), "stranger"),
      NOT_AUTHORIZED,
    );
    expectRow(await set(coordinator, manifest, "seed-owner"), NOT_AUTHORIZED);
    await client().ask("key", { name: "edwards", kind: "ed25519" });
    const unsupported: Row = ["PermissionDenied", "validating peer: unsupported peer public key type"];
    expectRow(await set(coordinator, manifest, "edwards"), unsupported);
    const changed = await manifestOf((m) => m.SeedshareOwnerPubKeys.pop());
    expectRow(await set(coordinator, changed, "owner"), [
      "PermissionDenied",
      "changes to seedshare owners are not allowed",
    ]);
    // The store has the policy, the request does not.
    const request = { ...setRequest(manifest), policies: [] };
    const missing: Row = ["InvalidArgument", "no policy provided for hash"];
    expectRow(await call(coordinator, { method: "SetManifest", request, key: "owner" }), missing);
    expectRow(await recover(coordinator, {}), ["FailedPrecondition", "coordinator is already recovered"]);
    expect(await coordinator.metric("contrast_coordinator_manifest_generation ")).toBe(1);
    expectRow(await set(coordinator, manifest, "owner"), OK);

    const withoutOwners = await manifestOf((m) => m.WorkloadOwnerKeyDigests.pop());
    expectRow(await set(coordinator, withoutOwners, "owner"), OK);
    expectRow(await set(coordinator, manifest, "owner"), ["PermissionDenied", "setting manifest is disabled"]);
  });

  test("lets one of several manifests that are set at once follow another", async () => {
    const coordinator = await started();
    const wanted = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        manifestOf((m) => (m.Policies[hashOf(WEB_POLICY)]!.SANs[0] = `web-${index}`)),
      ),
    );
    const members = { method: "SetManifest", key: "owner", channel: "conflicts" } as const;
    await call(coordinator, { ...members, method: "GetManifests" });
    const answers = await Promise.all(
      wanted.map(async (one) => await call(coordinator, { ...members, request: setRequest(one) })),
    );
    const losers = answers.filter(({ code }) => code !== "OK");
    expect(losers).not.toBeEmpty();
    expect(losers).not.toHaveLength(answers.length);
    for (const loser of losers) expectRow(loser, ["FailedPrecondition", "has changed since last read"]);
    const { manifests = [] } = (await get(coordinator)).response;
    const winners = wanted.filter((_, index) => answers[index]!.code === "OK").map((one) => setRequest(one).manifest!);
    expect(manifests.slice(1).toSorted()).toEqual(winners.toSorted());
  });

  test("sets a sealed manifest only after the transition that it was sealed for, by who sealed it", async () => {
    const coordinator = await started();
    const request = setRequest(await manifestOf());
    const { transition: previous = "" } = (await get(coordinator)).response;
    const sealed = async (seal: Request): Promise<CallAnswer> =>
      await call(coordinator, { method: "SetManifest", key: "owner", request: { ...request, ...seal } });
    await client().ask("key", { name: "other", kind: "p384" });
    const unsigned: Row = ["PermissionDenied", "not signed by the key of the caller"];
    expectRow(await sealed({ previous, signedBy: "other" }), unsigned);
    expectRow(await sealed({ previous: btoa("p".repeat(31)) }), ["InvalidArgument", "31 bytes"]);
    expectRow(await sealed({ previous, signedBy: "owner" }), OK);
    const stale: Row = ["FailedPrecondition", "has changed since last read"];
    expectRow(await sealed({ previous, signedBy: "owner" }), stale);
    expectRow(await sealed({ previous }), stale);
  });

  test("tells when its disk fails", async () => {
    const writes: readonly [string, (state: string) => string][] = [
      ["setting policy", (state) => join(state, "policies")],
      ["setting manifest", (state) => join(state, "manifests")],
    ];
    for (const [words, obstacle] of writes) {
      const coordinator = await start(world());
      mkdirSync(coordinator.state, { recursive: true });
      writeFileSync(obstacle(coordinator.state), "");
      expectRow(await set(coordinator, await manifestOf()), ["Internal", words]);
    }

    const untaken = await start(world());
    const firstManifest = await manifestOf();
    const hash = createHash("sha256")
      .update(hashOf(JSON.stringify(firstManifest)), "hex")
      .update(new Uint8Array(32));
    mkdirSync(join(untaken.state, "transitions", hash.digest("hex")), { recursive: true });
    expectRow(await set(untaken, firstManifest), ["Internal", "setting transition"]);

    const coordinator = await started();
    rmSync(join(coordinator.state, "policies", hashOf(WEB_POLICY)));
    expectRow(await get(coordinator), ["Internal", "fetching manifests from history"]);
    truncateSync(join(coordinator.state, "transitions", "latest"), 16);
    const unreadable: Row = ["Internal", "syncing internal state"];
    expectRow(await get(coordinator), unreadable);
    expectRow(await set(coordinator, await manifestOf(), "owner"), unreadable);
    expectRow(await mesh(coordinator), HANDSHAKE);
  });

  test("after a restart serves nobody until an owner recovers it", async () => {
    const before = await started();
    const { secret } = before;
    await before.stop();
    const coordinator = await start(world(), before.state);
    expectRow(await get(coordinator), RECOVERY);
    expectRow(await set(coordinator, await manifestOf(), "owner"), RECOVERY);
    expectRow(await mesh(coordinator), HANDSHAKE);
    const engine: Row = ["InvalidArgument", "initializing seed engine"];
    const { seed, salt } = secret;
    expectRow(await recover(coordinator, { seed: btoa("s".repeat(31)), salt }), engine);
    expectRow(await recover(coordinator, { seed, salt: btoa("s".repeat(31)) }), engine);
    const wrong: Row = ["InvalidArgument", "recovery failed"];
    expectRow(await recover(coordinator, { seed: btoa("s".repeat(64)), salt }), wrong);
    expectRow(await recover(coordinator, { seed: btoa("s".repeat(64)), salt }), ["InvalidArgument", "signature"]);
    for (const key of ["", "none", "owner"]) expectRow(await recover(coordinator, secret, key), RECOVERY_DENIED);
    expectRow(await get(coordinator), RECOVERY);

    const members = { method: "Recover", request: secret, key: "seed-owner", channel: "recoveries" } as const;
    await call(coordinator, { ...members, method: "GetManifests" });
    const answers = await Promise.all(Array.from({ length: 8 }, async () => await call(coordinator, members)));
    expect(answers.filter(({ code }) => code === "OK")).toHaveLength(1);
    const losers = answers.filter(({ code }) => code !== "OK");
    expect(new Set(losers.map(({ code }) => code))).toEqual(new Set(["FailedPrecondition"]));
    expect(losers.map(({ message }) => message).join()).toContain("the coordinator was recovered concurrently");
    expectRow(await recover(coordinator, secret), ["FailedPrecondition", "coordinator is already recovered"]);
    expectRow(await get(coordinator), OK);
  });

  test("follows another Coordinator on its store, and loses to it", async () => {
    const one = await started();
    const other = await start(world(), one.state);
    expectRow(await set(other, await manifestOf(), "owner"), RECOVERY);
    expectRow(await recover(other, one.secret), OK);
    const renamed = async (name: string): Promise<SampleManifest> =>
      await manifestOf((m) => (m.Policies[hashOf(WEB_POLICY)]!.SANs[0] = name));
    expectRow(await set(one, await renamed("by-one"), "owner"), OK);
    const [mine, theirs] = [(await get(one)).response, (await get(other)).response];
    expect(theirs.manifests).toHaveLength(2);
    expect([theirs.manifests, theirs.transition]).toEqual([mine.manifests, mine.transition]);

    const answers = await Promise.all([set(one, await renamed("a"), "owner"), set(other, await renamed("b"), "owner")]);
    const { manifests = [] } = (await get(one)).response;
    expect(manifests).toHaveLength(2 + answers.filter(({ code }) => code === "OK").length);
    expect((await get(other)).response.manifests).toEqual(manifests);
    for (const answer of answers.filter(({ code }) => code !== "OK")) {
      expectRow(answer, ["FailedPrecondition", "has changed since last read"]);
    }
  });

  test("does not recover from a damaged history, and says of what", async () => {
    const before = await started();
    await before.stop();
    const { state, secret } = before;
    const latest = join(state, "transitions", "latest");
    const manifest = join(state, "manifests", hashOf(JSON.stringify(await manifestOf())));
    const good = nodeDisk;
    const bytes = (await good.read(latest, 1 << 20))!;
    const text = (await good.read(manifest, 1 << 20))!;

    const coordinator = await start(world(), state);
    writeFileSync(manifest, text.with(5, 0));
    expectRow(await recover(coordinator, secret), ["InvalidArgument", "hash mismatch"]);
    rmSync(manifest);
    expectRow(await recover(coordinator, secret), ["InvalidArgument", "recovery failed"]);
    writeFileSync(manifest, text);
    rmSync(latest);
    mkdirSync(latest);
    expectRow(await recover(coordinator, secret), ["Internal", "accessing history"]);
    expectRow(await set(coordinator, await manifestOf(), "owner"), ["Internal", "syncing internal state"]);
    rmSync(latest, { recursive: true });
    writeFileSync(latest, bytes);
    expectRow(await recover(coordinator, secret), OK);
  });

  test("reads manifests of others that it would not take itself", async () => {
    const before = await started();
    await before.stop();
    const { secret, state } = before;
    const damagedOwner = await manifestOf((m) => (m.WorkloadOwnerKeyDigests = ["zz"]));
    await extendHistory(state, secret, damagedOwner);
    const coordinator = await start(world(), state);
    expectRow(await recover(coordinator, secret), OK);
    expectRow(await set(coordinator, await manifestOf(), "owner"), [
      "PermissionDenied",
      "validating peer: parsing key",
    ]);
    await coordinator.stop();

    await extendHistory(state, secret, await manifestOf((m) => (m.SeedshareOwnerPubKeys = ["zz"])));
    const other = await start(world(), state);
    const notHex: Row = ["FailedPrecondition", "seedshare owner public key is not hex-encoded"];
    expectRow(await recover(other, secret), notHex);
  });

  test("certifies only workloads that the manifest knows", async () => {
    const nameless = "package agent_policy\n# nameless\n";
    const manifest = await manifestOf((m) => (m.Policies[hashOf(nameless)] = { SANs: [] }));
    const coordinator = await start(world());
    const request = setRequest(manifest);
    const policies = [...request.policies!, btoa(nameless)];
    expectRow(await call(coordinator, { method: "SetManifest", request: { ...request, policies } }), OK);
    const failures = async (): Promise<number> =>
      await coordinator.metric("contrast_meshapi_attestation_failures_total ");
    for (const fault of ["no-certificate", "no-extension", "garbage", "wrong-nonce", "other-key"] as const) {
      const earlier = await failures();
      const answer = await mesh(coordinator, { fault });
      expect([fault, answer.code]).toEqual([fault, "Unavailable"]);
      expect([fault, await failures()]).toEqual([fault, earlier + 1]);
    }
    const earlier = await failures();
    const policy = "package agent_policy\n# unknown\n";
    const unknown: Row = ["PermissionDenied", `policy hash ${hashOf(policy)} not found in manifest`];
    expectRow(await mesh(coordinator, {}, policy), unknown);
    expectRow(await mesh(coordinator, {}, nameless), ["Unknown", ""]);
    expectRow(await mesh(coordinator, {}, DATABASE_POLICY), OK);
    expect(await failures()).toBe(earlier);
    const handled = (code: string): Promise<number> =>
      coordinator.metric(
        `contrast_grpc_server_handled_total{grpc_type="unary",grpc_service="meshapi.MeshAPI",grpc_method="NewMeshCert",grpc_code="${code}"}`,
      );
    expect([await handled("PermissionDenied"), await handled("OK")]).toEqual([1, 1]);
  });
});

function expectRow({ code, message }: Pick<CallAnswer, "code" | "message">, [wantedCode, words]: Row): void {
  expect({ code, message }).toEqual({ code: wantedCode, message: expect.stringContaining(words) });
}

async function makeOwners(go: GoClient): Promise<{ readonly digest: string; readonly publicKey: string }> {
  const { digest } = await go.ask<{ digest: string }>("key", { name: "owner", kind: "p384" });
  const { publicKey } = await go.ask<{ publicKey: string }>("key", { name: "seed-owner", kind: "rsa2048" });
  return { digest, publicKey };
}

/** Writes what another program with the seed could: a manifest that nobody checked. */
async function extendHistory(
  state: string,
  { seed, salt }: Required<Request>,
  manifest: SampleManifest,
): Promise<void> {
  const { transactionKey } = createSeedEngine(Uint8Array.fromBase64(seed), Uint8Array.fromBase64(salt));
  const history = await openHistory(state, nodeDisk);
  const latest = await history.latest();
  const manifestHash = await history.putManifest(new TextEncoder().encode(JSON.stringify(manifest)));
  const previousHash = latest!.transitionHash;
  const transition = await history.putTransition({ manifestHash: Uint8Array.fromHex(manifestHash), previousHash });
  await history.advance(latest, Uint8Array.fromHex(transition), transactionKey);
}
