import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasPrograms } from "../fakes/peers.ts";
import type { CallAnswer, Request } from "./coordinator-client/go-client.ts";
import { type SampleManifest, setRequest, WEB_POLICY } from "./coordinator-client/sample-manifest.ts";
import { hashOf } from "./coordinator-client/simulated-world.ts";
import { expectRow, HANDSHAKE, OK, type Row, useStatusCalls } from "./coordinator-client/status-calls.ts";

// Programs are compiled first, and all of them share two processors in CI.
setDefaultTimeout(60_000);

const NOT_AUTHORIZED: Row = ["PermissionDenied", "validating peer: peer not authorized"];

/**
 * The tables of coordinator.md 2.5 for SetManifest and GetManifests. Rows that only failures inside of the process lead to
 * are provoked in `tests/coordinator/set-manifest.test.ts`: 11, 17, and of 16 the write
 * that fails.
 */
describe.if(hasPrograms("status codes for a client in Go", "go"))("contrast coordinator", () => {
  const { call, client, get, manifestOf, mesh, recover, set, start, started } = useStatusCalls();

  test("without a manifest refuses as the tables say", async () => {
    const coordinator = await start();
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
    // Texts of any length and script arrive, cut to what a header can carry.
    for (const lead of ["", "a", "ü%41\n"]) {
      const key = lead + "😀".repeat(3000);
      const answer = await set(coordinator, await manifestOf((m) => (m.Policies[key] = { SANs: ["x"] })));
      const begin = JSON.stringify(lead + "😀".repeat(30)).slice(0, -1);
      expectRow(answer, ["InvalidArgument", `invalid policy hash: got ${begin}`]);
    }
    for (const [manifest, row] of rows) expectRow(await set(coordinator, manifest), row);
    expectRow(await get(coordinator), ["FailedPrecondition", "no manifest configured"]);
  });

  test("with a manifest lets only its owners change it", async () => {
    const coordinator = await start();
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
      Array.from({ length: 24 }, (_, index) =>
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
      const coordinator = await start();
      mkdirSync(coordinator.state, { recursive: true });
      writeFileSync(obstacle(coordinator.state), "");
      expectRow(await set(coordinator, await manifestOf()), ["Internal", words]);
    }

    const untaken = await start();
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
});
