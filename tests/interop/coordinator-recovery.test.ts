import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openHistory } from "../../src/coordinator/history/history.ts";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";
import { nodeDisk } from "../../src/lib/disk.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { until } from "../fakes/until.ts";
import { DATABASE_POLICY, type SampleManifest, setRequest, WEB_POLICY } from "./coordinator-client/sample-manifest.ts";
import { hashOf } from "./coordinator-client/simulated-world.ts";
import {
  expectRow,
  HANDSHAKE,
  OK,
  RECOVERY,
  type Row,
  type Secret,
  useStatusCalls,
} from "./coordinator-client/status-calls.ts";

// Programs are compiled first, and all of them share two processors in CI.
setDefaultTimeout(60_000);

const RECOVERY_DENIED: Row = ["PermissionDenied", "peer not authorized to recover existing state"];

/** The tables of coordinator.md 2.5 for Recover, for what waits for it, and for NewMeshCert. */
describe.if(hasPrograms("recovery by a client in Go", "go"))("contrast coordinator", () => {
  const { call, client, get, manifestOf, mesh, recover, set, start, started, world } = useStatusCalls();

  test("after a restart serves nobody until an owner recovers it", async () => {
    const before = await started();
    const { secret } = before;
    await before.stop();
    const coordinator = await start(before.state);
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
    const answers = await Promise.all(Array.from({ length: 24 }, async () => await call(coordinator, members)));
    expect(answers.filter(({ code }) => code === "OK")).toHaveLength(1);
    const losers = answers.filter(({ code }) => code !== "OK");
    expect(new Set(losers.map(({ code }) => code))).toEqual(new Set(["FailedPrecondition"]));
    expect(losers.map(({ message }) => message).join()).toContain("the coordinator was recovered concurrently");
    expectRow(await recover(coordinator, secret), ["FailedPrecondition", "coordinator is already recovered"]);
    expectRow(await get(coordinator), OK);
  });

  test("follows another Coordinator on its store, and loses to it", async () => {
    const one = await started();
    const other = await start(one.state);
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

    const coordinator = await start(state);
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
    const coordinator = await start(state);
    expectRow(await recover(coordinator, secret), OK);
    expectRow(await set(coordinator, await manifestOf(), "owner"), [
      "PermissionDenied",
      "validating peer: parsing key",
    ]);
    await coordinator.stop();

    await extendHistory(state, secret, await manifestOf((m) => (m.SeedshareOwnerPubKeys = ["zz"])));
    const other = await start(state);
    const notHex: Row = ["FailedPrecondition", "seedshare owner public key is not hex-encoded"];
    expectRow(await recover(other, secret), notHex);
  });

  test("judges workloads that stay connected by each manifest anew", async () => {
    const coordinator = await started();
    const stay = { name: "stays", channel: "stays", address: coordinator.meshAddress };
    const ask = async () => await client().mesh({ ...stay, evidence: world().evidence(WEB_POLICY) });
    const before = await ask();
    expectRow(before, OK);
    const update = await set(coordinator, await manifestOf(), "owner");
    expectRow(update, OK);
    // The client hears of it on another connection than that of the update.
    await until(async () => (await ask()).meshCa === atob(update.response.meshCa!));
    const withoutWeb = await manifestOf((m) => delete m.Policies[hashOf(WEB_POLICY)]);
    expectRow(await set(coordinator, withoutWeb, "owner"), OK);
    await until(async () => (await ask()).code === "PermissionDenied");
  });

  test("certifies only workloads that the manifest knows", async () => {
    const nameless = "package agent_policy\n# nameless\n";
    const manifest = await manifestOf((m) => (m.Policies[hashOf(nameless)] = { SANs: [] }));
    const coordinator = await start();
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

/** Writes what another program with the seed could: a manifest that nobody checked. */
async function extendHistory(state: string, { seed, salt }: Secret, manifest: SampleManifest): Promise<void> {
  const { transactionKey } = createSeedEngine(Uint8Array.fromBase64(seed), Uint8Array.fromBase64(salt));
  const history = await openHistory(state, nodeDisk);
  const latest = await history.latest();
  const manifestHash = await history.putManifest(new TextEncoder().encode(JSON.stringify(manifest)));
  const previousHash = latest!.transitionHash;
  const transition = await history.putTransition({ manifestHash: Uint8Array.fromHex(manifestHash), previousHash });
  await history.advance(latest, Uint8Array.fromHex(transition), transactionKey);
}
