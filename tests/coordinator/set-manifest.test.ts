import { describe, expect, test } from "bun:test";
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { hashTransition } from "../../src/coordinator/history/transition.ts";
import { MAX_MANIFEST_BYTES, MAX_POLICIES, QUICK_MANIFEST_BYTES } from "../../src/coordinator/request-limits.ts";
import {
  AuthorityBench,
  benchWithManifest,
  type BenchProcess,
  keyOfCertificate,
  openShares,
  pkcs1Hex,
  policyNamed,
  requestFor,
  SHARE_OWNER,
  spkiDigest,
  STRANGER,
  WORKLOAD_OWNER,
} from "../fakes/authority-bench.ts";
import { refusalOf } from "../fakes/refusal.ts";

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

describe("setManifest()", () => {
  test("sets the first manifest for anybody and answers with seed shares", async () => {
    const { bench, first, answer } = await benchWithManifest();
    expect(answer.seedShares?.shares.map(({ publicKeyHex }) => publicKeyHex)).toEqual([pkcs1Hex(SHARE_OWNER)]);
    expect(openShares(answer).seed).toHaveLength(64);
    expect(answer.seedShares?.salt).toHaveLength(32);
    expect(first.generations).toEqual([1]);
    expect(await bench.disk.list("/state/transitions")).toHaveLength(2);
  });

  test("sets a later manifest for an owner of the one before: same root key, other mesh key, no shares", async () => {
    const { first, answer } = await benchWithManifest();
    const later = await first.setManifest(requestFor("api"), WORKLOAD_OWNER);
    expect(later.seedShares).toBeUndefined();
    expect(keyOfCertificate(later.rootCaPem)).toBe(keyOfCertificate(answer.rootCaPem));
    expect(later.rootCaPem).not.toBe(answer.rootCaPem);
    expect(keyOfCertificate(later.meshCaPem)).not.toBe(keyOfCertificate(answer.meshCaPem));
    expect(first.generations).toEqual([1, 2]);
  });

  test("knows an owner with an RSA key by PKCS #1, in either letter case", async () => {
    const digest = createHash("sha256")
      .update(SHARE_OWNER.export({ type: "pkcs1", format: "der" }))
      .digest("hex");
    const { first } = await benchWithManifest(
      requestFor("web", (manifest) => (manifest.WorkloadOwnerKeyDigests = [digest.toUpperCase()])),
    );
    expect(await first.setManifest(requestFor("api"), SHARE_OWNER)).toBeDefined();
  });

  test("keeps policies that no manifest names, and takes hashes in upper case", async () => {
    const bench = new AuthorityBench();
    const process = await bench.start();
    const request = requestFor("web", (manifest) => {
      manifest.Policies = { [policyNamed("web").hash.toUpperCase()]: { SANs: ["web"], WorkloadSecretID: "" } };
    });
    const other = policyNamed("other");
    await process.setManifest({ ...request, policies: [other.bytes, ...request.policies] }, undefined);
    expect([...(await process.current()).manifest.policies.keys()]).toEqual([policyNamed("web").hash]);
    expect(await bench.disk.list("/state/policies")).toContain(other.hash);
    expect((await process.getManifests()).policies).toEqual([policyNamed("web").bytes]);
  });

  test("takes a deployment without owners of any kind", async () => {
    const { answer } = await benchWithManifest(
      requestFor("web", (manifest) => {
        manifest.SeedshareOwnerPubKeys = null;
        manifest.WorkloadOwnerKeyDigests = null;
      }),
    );
    expect(answer.seedShares?.shares).toEqual([]);
  });

  test("refuses in recovery mode (row 1)", async () => {
    const { bench } = await benchWithManifest();
    const restarted = await bench.start();
    expect(await refusalOf(restarted.setManifest(requestFor("api"), WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/recovery-mode",
      status: "FailedPrecondition",
      text: expect.stringContaining("coordinator is in recovery mode"),
    });
  });

  test("refuses when the history cannot be synced (row 2)", async () => {
    const { bench, first } = await benchWithManifest();
    await bench.replace("transitions/latest", () => new Uint8Array(7));
    expect(await refusalOf(first.setManifest(requestFor("api"), WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/history-failed",
      status: "Internal",
      text: expect.stringContaining("syncing internal state"),
      causes: expect.arrayContaining(["coordinator/history-corrupt"]),
    });
  });

  test.each(["", "{", "null", " null\n", "[]", "7", '"text"', '{"Policies":[]}', '{"SeedshareOwnerPubKeys":7}'])(
    "refuses %j as no manifest, before it looks at the caller (row 3)",
    async (text) => {
      const { first } = await benchWithManifest();
      expect(await refusalOf(first.setManifest({ manifest: bytesOf(text), policies: [] }, STRANGER))).toMatchObject({
        code: "coordinator/manifest-unreadable",
        status: "InvalidArgument",
        text: expect.stringContaining("unmarshaling manifest"),
      });
    },
  );

  test("refuses manifests beyond their limit", async () => {
    const process = await new AuthorityBench().start();
    const { manifest, policies } = requestFor("web");
    const padded = new Uint8Array(MAX_MANIFEST_BYTES + 1).fill(0x20);
    padded.set(manifest);
    expect(await refusalOf(process.setManifest({ manifest: padded, policies }, undefined))).toMatchObject({
      code: "coordinator/manifest-unreadable",
    });
    await process.setManifest({ manifest: padded.subarray(0, MAX_MANIFEST_BYTES), policies }, undefined);
  });

  test("does not parse a large manifest of somebody who may not set it", async () => {
    const { first } = await benchWithManifest();
    const request = { manifest: new Uint8Array(QUICK_MANIFEST_BYTES + 1).fill(0x5b), policies: [] };
    const codes: string[] = [];
    for (const caller of [STRANGER, WORKLOAD_OWNER]) {
      codes.push((await refusalOf(first.setManifest(request, caller))).code);
    }
    codes.push(
      (await refusalOf(first.setManifest({ ...request, manifest: request.manifest.slice(1) }, STRANGER))).code,
    );
    const unreadable = "coordinator/manifest-unreadable";
    expect(codes).toEqual(["coordinator/caller-not-owner", unreadable, unreadable]);
  });

  test("keeps nothing of the request but a copy of the manifest", async () => {
    const { first } = await benchWithManifest();
    const request = requestFor("api");
    const sent = request.manifest.slice();
    await first.setManifest(request, WORKLOAD_OWNER);
    request.manifest.fill(0);
    expect((await first.current()).manifestBytes).toEqual(sent);
  });

  test("refuses more policies than are taken", async () => {
    const process = await new AuthorityBench().start();
    const request = requestFor("web");
    const policies = [...request.policies, ...Array.from({ length: MAX_POLICIES }, () => new Uint8Array())];
    expect(await refusalOf(process.setManifest({ ...request, policies }, undefined))).toMatchObject({
      code: "coordinator/request-too-large",
      status: "InvalidArgument",
    });
  });

  const owners: readonly (readonly [string, string[] | null, KeyObject | undefined, string, string])[] = [
    ["without owners (row 4)", null, WORKLOAD_OWNER, "coordinator/updates-disabled", "setting manifest is disabled"],
    ["with an empty list of owners (row 4)", [], WORKLOAD_OWNER, "coordinator/updates-disabled", "validating peer"],
    ["without key (row 5)", ["00"], undefined, "coordinator/caller-unknown", "no peer certificates found"],
    ["with an odd key (row 6)", ["00"], edKey(), "coordinator/caller-key-unsupported", "unsupported peer public key"],
    ["whose digest is no hex (row 7)", ["0g"], WORKLOAD_OWNER, "coordinator/owner-digest-invalid", "parsing key"],
    ["of half a byte (row 7)", ["012"], WORKLOAD_OWNER, "coordinator/owner-digest-invalid", "parsing key"],
    ["of a stranger (row 8)", [spkiDigest(WORKLOAD_OWNER)], STRANGER, "coordinator/caller-not-owner", "not authorized"],
  ];
  test.each(owners)("refuses updates %s", async (_name, digests, caller, code, fragment) => {
    const process = await processWithUncheckedManifest((manifest) => (manifest.WorkloadOwnerKeyDigests = digests));
    expect(await refusalOf(process.setManifest(requestFor("api"), caller))).toMatchObject({
      code,
      status: "PermissionDenied",
      text: expect.stringContaining(fragment),
    });
  });

  test("refuses the key that only the new manifest names", async () => {
    const { first } = await benchWithManifest();
    const request = requestFor("api", (manifest) => (manifest.WorkloadOwnerKeyDigests = [spkiDigest(STRANGER)]));
    expect(await refusalOf(first.setManifest(request, STRANGER))).toMatchObject({
      code: "coordinator/caller-not-owner",
    });
  });

  test.each([
    ["another owner", (owners: string[]) => owners.with(0, otherShareOwner())],
    ["no owner", () => []],
    ["one more owner", (owners: string[]) => [...owners, otherShareOwner()]],
    ["the same owners in another order", (owners: string[]) => owners.toReversed()],
    ["the same owners in other letters", (owners: string[]) => owners.map((owner) => owner.toUpperCase())],
  ])("refuses %s of seed shares (row 9)", async (_name, change) => {
    const two = [pkcs1Hex(SHARE_OWNER), otherShareOwner()];
    const { first } = await benchWithManifest(requestFor("web", (manifest) => (manifest.SeedshareOwnerPubKeys = two)));
    const request = requestFor("api", (manifest) => (manifest.SeedshareOwnerPubKeys = change(two)));
    expect(await refusalOf(first.setManifest(request, WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/seed-share-owners-changed",
      status: "PermissionDenied",
      text: expect.stringContaining("changes to seedshare owners are not allowed"),
    });
  });

  test.each(["0g", "3082", "30820"])("refuses the seed share owner %j (row 10)", async (owner) => {
    const process = await new AuthorityBench().start();
    const request = requestFor("web", (manifest) => (manifest.SeedshareOwnerPubKeys = [owner]));
    expect(await refusalOf(process.setManifest(request, undefined))).toMatchObject({
      code: "coordinator/manifest-invalid",
      status: "InvalidArgument",
      text: expect.stringContaining("initializing seed engine"),
      causes: ["manifest/seedshare-key-invalid"],
    });
  });

  test("fails with a seed of no use (row 11)", async () => {
    const bench = new AuthorityBench();
    const process = await bench.start({ drawSeed: () => ({ seed: new Uint8Array(8), salt: new Uint8Array(32) }) });
    expect(await refusalOf(process.setManifest(requestFor("web"), undefined))).toMatchObject({
      code: "coordinator/seed-failed",
      status: "Internal",
      text: expect.stringContaining("setting seed"),
      causes: ["coordinator/seed-invalid"],
    });
    expect(await bench.disk.list("/state")).toBeUndefined();
  });

  const writes: readonly (readonly [string, RegExp])[] = [
    ["setting policy", /^create .*\/policies\//],
    ["setting manifest", /^create .*\/manifests\//],
    ["setting transition", /^create .*\/transitions\//],
  ];
  test.each(writes)("fails when %s fails, and changes nothing (rows 12, 15)", async (step, pattern) => {
    const { bench, first } = await benchWithManifest();
    bench.disk.beforeStep = async (name, path) => {
      if (pattern.test(`${name} ${path}`)) bench.disk.fault ??= fullDisk(bench);
    };
    expect(await refusalOf(first.setManifest(requestFor("api"), WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/store-failed",
      status: "Internal",
      text: expect.stringContaining(step),
      causes: expect.arrayContaining(["coordinator/history-unwritable"]),
    });
    bench.disk.fault = undefined;
    bench.disk.beforeStep = async () => {};
    expect((await first.current()).generation).toBe(1);
    await first.setManifest(requestFor("api"), WORKLOAD_OWNER);
    expect((await first.current()).generation).toBe(2);
  });

  test.each(["0g".repeat(32), "00".repeat(31), "00".repeat(33), ""])(
    "refuses the policy hash %j (row 13)",
    async (hash) => {
      const process = await new AuthorityBench().start();
      const request = requestFor("web", ({ Policies }) => (Policies[hash] = { SANs: ["x"], WorkloadSecretID: "" }));
      const refusal = await refusalOf(process.setManifest(request, undefined));
      expect(refusal).toMatchObject({ code: "coordinator/manifest-invalid", status: "InvalidArgument" });
      expect(refusal.text).toContain("invalid policy hash");
      expect(refusal.causes).toEqual(["manifest/policy-hash-invalid"]);
    },
  );

  test("refuses a manifest whose policy is in the store, but not in the request (row 14)", async () => {
    const { first } = await benchWithManifest();
    const { hash } = policyNamed("web");
    const request = requestFor("api", ({ Policies }) => (Policies[hash] = { SANs: ["web"], WorkloadSecretID: "" }));
    expect(await refusalOf(first.setManifest(request, WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/manifest-invalid",
      status: "InvalidArgument",
      text: expect.stringContaining(`no policy provided for hash "${hash}"`),
      causes: ["coordinator/policy-missing"],
    });
  });

  test("refuses what set would not send, with everything that is wrong", async () => {
    const bench = new AuthorityBench();
    const process = await bench.start();
    const { hash } = policyNamed("web");
    const request = requestFor("web", (manifest) => {
      manifest.ReferenceValues = {};
      manifest.WorkloadOwnerKeyDigests = ["00"];
      manifest.Policies[hash.toUpperCase()] = { SANs: ["web"], WorkloadSecretID: "" };
      manifest.Policies[hash] = { SANs: ["we b", "ok"], WorkloadSecretID: "" };
    });
    const refusal = await refusalOf(process.setManifest(request, undefined));
    expect(refusal).toMatchObject({ code: "coordinator/manifest-invalid", status: "InvalidArgument" });
    expect(refusal.causes.toSorted()).toEqual([
      "coordinator/policy-duplicate",
      "coordinator/san-invalid",
      "manifest/key-digest-invalid",
      "manifest/no-reference-values",
    ]);
    expect(await bench.disk.list("/state")).toBeUndefined();
    expect(process.isReady()).toBe(false);
  });

  test("refuses names that are together too long for a certificate", async () => {
    const process = await new AuthorityBench().start();
    const sans = Array.from({ length: 2000 }, (_, index) => `name-${index}.example.com`);
    const request = requestFor(
      "web",
      ({ Policies }) => (Policies[policyNamed("web").hash] = { SANs: sans, WorkloadSecretID: "" }),
    );
    expect((await refusalOf(process.setManifest(request, undefined))).causes).toEqual(["coordinator/san-invalid"]);
  });

  test("bounds the text of a refusal", async () => {
    const process = await new AuthorityBench().start();
    const request = requestFor("web", ({ Policies }) => {
      for (let index = 0; index < 500; index++)
        Policies[`${"long".repeat(200)}${index}`] = { SANs: [], WorkloadSecretID: "" };
    });
    expect((await refusalOf(process.setManifest(request, undefined))).text.length).toBeLessThan(5000);
  });

  test("fails when the latest transition cannot be written (row 16)", async () => {
    const { bench, first } = await benchWithManifest();
    bench.disk.beforeStep = async (name, path) => {
      if (`${name} ${path}`.startsWith("create /state/claims/")) bench.disk.fault ??= fullDisk(bench);
    };
    expect(await refusalOf(first.setManifest(requestFor("api"), WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/store-failed",
      status: "Internal",
      text: expect.stringContaining("setting latest"),
      causes: expect.arrayContaining(["coordinator/history-unwritable"]),
    });
  });

  test("refuses when the latest transition changed meanwhile (row 16)", async () => {
    const { first } = await benchWithManifest();
    const fast = first.setManifest(requestFor("fast"), WORKLOAD_OWNER);
    const slow = refusalOf(first.setManifest(requestFor("slow"), WORKLOAD_OWNER));
    await fast;
    expect(await slow).toMatchObject({
      code: "coordinator/history-changed",
      status: "FailedPrecondition",
      text: expect.stringContaining("has changed since last read"),
    });
    expect((await first.getManifests()).manifests).toHaveLength(2);
  });

  test("fails without certificates before anything is committed (row 17)", async () => {
    const bench = new AuthorityBench();
    const process = await bench.start({ now: () => new Date(Number.NaN) });
    expect(await refusalOf(process.setManifest(requestFor("web"), undefined))).toMatchObject({
      code: "coordinator/ca-failed",
      status: "Internal",
      text: expect.stringContaining("creating CA"),
    });
    expect(await bench.disk.list("/state")).toBeUndefined();
  });
});

/** A process in which a manifest is in force that a Coordinator of version 1.4 could have set. */
async function processWithUncheckedManifest(change: Parameters<typeof requestFor>[1] & object): Promise<BenchProcess> {
  const { bench, first, answer } = await benchWithManifest();
  const { latest, seedEngine } = await first.current();
  const { manifest } = requestFor("old", change);
  const manifestHash = Uint8Array.fromHex(await first.history.putManifest(manifest));
  const transition = { manifestHash, previousHash: latest.transitionHash };
  await first.history.putTransition(transition);
  await first.history.advance(latest, hashTransition(transition), seedEngine.transactionKey);
  const restarted = await bench.start();
  await restarted.recover(openShares(answer), SHARE_OWNER);
  return restarted;
}

function edKey(): KeyObject {
  return generateKeyPairSync("ed25519").publicKey;
}

let otherOwner: string | undefined;

function otherShareOwner(): string {
  otherOwner ??= pkcs1Hex(createPublicKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey));
  return otherOwner;
}

function fullDisk({ disk }: AuthorityBench): { step: number; code: "ENOSPC"; lasting: boolean } {
  return { step: disk.steps + 1, code: "ENOSPC", lasting: true };
}
