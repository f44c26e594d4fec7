import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import {
  AuthorityBench,
  BENCH_TIME,
  benchWithManifest,
  type BenchProcess,
  forceManifest,
  keyOfCertificate,
  openShares,
  pkcs1Hex,
  requestFor,
  SHARE_OWNER,
  WORKLOAD_OWNER,
} from "../fakes/authority-bench.ts";
import { refusalOf } from "../fakes/refusal.ts";

const FOREIGN_RSA_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;

/** A Coordinator with two manifests that was restarted. */
async function restarted(): Promise<{
  readonly bench: AuthorityBench;
  readonly before: BenchProcess;
  readonly process: BenchProcess;
  readonly shares: { readonly seed: Uint8Array; readonly salt: Uint8Array };
}> {
  const { bench, first, answer } = await benchWithManifest();
  await first.setManifest(requestFor("api"), WORKLOAD_OWNER);
  return { bench, before: first, process: await bench.start(), shares: openShares(answer) };
}

describe("recover()", () => {
  test("brings keys, secrets, history and generation back, with a new mesh CA", async () => {
    const { before, process, shares } = await restarted();
    expect(process.isReady()).toBe(false);
    await process.recover(shares, SHARE_OWNER);
    const [old, recovered] = [await before.current(), await process.current()];
    expect(process.isReady()).toBe(true);
    expect(process.generations).toEqual([2]);
    expect(recovered.generation).toBe(2);
    expect(recovered.manifestBytes).toEqual(old.manifestBytes);
    expect(recovered.seedEngine.workloadSecret("x")).toEqual(old.seedEngine.workloadSecret("x"));
    expect(keyOfCertificate(recovered.ca.rootPem)).toBe(keyOfCertificate(old.ca.rootPem));
    expect(keyOfCertificate(recovered.ca.meshPem)).not.toBe(keyOfCertificate(old.ca.meshPem));
    expect((await process.getManifests()).manifests).toEqual((await before.getManifests()).manifests);
    await process.setManifest(requestFor("third"), WORKLOAD_OWNER);
    expect(process.generations).toEqual([2, 3]);
  });

  test("refuses when the state is loaded (row 1)", async () => {
    const { first, answer } = await benchWithManifest();
    expect(await refusalOf(first.recover(openShares(answer), SHARE_OWNER))).toMatchObject({
      code: "coordinator/already-recovered",
      status: "FailedPrecondition",
      text: expect.stringContaining("coordinator is already recovered"),
    });
  });

  test("fails when the history cannot be read (row 2)", async () => {
    const { bench, process, shares } = await restarted();
    await bench.replace("transitions/latest", () => new Uint8Array(7));
    expect(await refusalOf(process.recover(shares, SHARE_OWNER))).toMatchObject({
      code: "coordinator/history-failed",
      status: "Internal",
      text: expect.stringContaining("accessing history"),
    });
  });

  test("does not blame the seed for a disk that fails (row 2)", async () => {
    const { bench, process, shares } = await restarted();
    bench.disk.beforeStep = async (name, path) => {
      if (name === "read" && path.includes("/manifests/")) {
        bench.disk.fault = { step: bench.disk.steps + 1, code: "EIO", lasting: false };
      }
    };
    expect(await refusalOf(process.recover(shares, SHARE_OWNER))).toMatchObject({
      code: "coordinator/history-failed",
      status: "Internal",
    });
    bench.disk.beforeStep = async () => {};
    await process.recover(shares, SHARE_OWNER);
  });

  test("refuses an empty history (row 3)", async () => {
    const process = await new AuthorityBench().start();
    const request = { seed: new Uint8Array(64), salt: new Uint8Array(32) };
    expect(await refusalOf(process.recover(request, SHARE_OWNER))).toMatchObject({
      code: "coordinator/nothing-to-recover",
      status: "FailedPrecondition",
      text: expect.stringContaining("no persisted transaction to recover from"),
    });
  });

  test.each([
    [64, 31],
    [64, 33],
    [31, 32],
    [0, 0],
  ])("refuses a seed of %d bytes with a salt of %d (row 4)", async (seedBytes, saltBytes) => {
    const { process } = await restarted();
    const request = { seed: new Uint8Array(seedBytes), salt: new Uint8Array(saltBytes) };
    expect(await refusalOf(process.recover(request, SHARE_OWNER))).toMatchObject({
      code: "coordinator/seed-invalid",
      status: "InvalidArgument",
      text: expect.stringContaining("initializing seed engine"),
    });
  });

  test("refuses a wrong seed and a wrong salt, which change nothing (row 5)", async () => {
    const { process, shares } = await restarted();
    for (const wrong of [
      { ...shares, seed: shares.seed.with(63, (shares.seed[63] ?? 0) ^ 1) },
      { ...shares, salt: shares.salt.with(0, (shares.salt[0] ?? 0) ^ 1) },
    ]) {
      expect(await refusalOf(process.recover(wrong, SHARE_OWNER))).toMatchObject({
        code: "coordinator/recovery-failed",
        status: "InvalidArgument",
        text: expect.stringContaining("recovery failed"),
        causes: expect.arrayContaining(["coordinator/history-signature-invalid"]),
      });
      expect(process.isReady()).toBe(false);
    }
    await process.recover(shares, SHARE_OWNER);
  });

  test.each(["manifests", "transitions"])(
    "refuses a history with any damaged or missing object of %s (row 5)",
    async (kind) => {
      const { bench, shares } = await restarted();
      const names = (await bench.disk.list(`/state/${kind}`)) ?? [];
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) {
        if (name === "latest") continue;
        const path = `${kind}/${name}`;
        const expected = { code: "coordinator/recovery-failed", status: "InvalidArgument" };
        const original = (await bench.disk.read(`/state/${path}`, 1_000_000)) ?? new Uint8Array();
        await bench.flip(path);
        const damaged = await refusalOf((await bench.start()).recover(shares, SHARE_OWNER));
        expect(damaged).toMatchObject({ ...expected, causes: expect.arrayContaining(["coordinator/history-corrupt"]) });
        await bench.disk.unlink(`/state/${path}`);
        const missing = await refusalOf((await bench.start()).recover(shares, SHARE_OWNER));
        expect(missing).toMatchObject({ ...expected, causes: expect.arrayContaining(["coordinator/history-missing"]) });
        await bench.disk.createExclusive(`/state/${path}`, original);
      }
      await (await bench.start()).recover(shares, SHARE_OWNER);
    },
  );

  test("refuses a damaged signature, and a swapped latest transition (row 5)", async () => {
    const { bench, before, process, shares } = await restarted();
    const { previousHash } = await before.history.transition((await before.current()).latest.transitionHash.toHex());
    await bench.replace("transitions/latest", (bytes) => {
      const swapped = bytes.slice();
      swapped.set(previousHash);
      return swapped;
    });
    const expected = { code: "coordinator/recovery-failed", causes: ["coordinator/history-signature-invalid"] };
    const swapped = await refusalOf(process.recover(shares, SHARE_OWNER));
    expect({ ...swapped, causes: swapped.causes.slice(0, 1) }).toMatchObject(expected);
    await bench.flip("transitions/latest");
    const flipped = await refusalOf(process.recover(shares, SHARE_OWNER));
    expect({ ...flipped, causes: flipped.causes.slice(0, 1) }).toMatchObject(expected);
  });

  test("refuses a manifest whose owner is no hex (row 6)", async () => {
    const { bench, before, shares } = await restarted();
    const owners = ["zz", pkcs1Hex(SHARE_OWNER)];
    await forceManifest(before, requestFor("old", (manifest) => (manifest.SeedshareOwnerPubKeys = owners)).manifest);
    expect(await refusalOf((await bench.start()).recover(shares, SHARE_OWNER))).toMatchObject({
      code: "coordinator/owner-key-invalid",
      status: "FailedPrecondition",
      text: expect.stringContaining("seedshare owner public key is not hex-encoded"),
    });
  });

  test("refuses everybody but seed share owners, and then still lets them (row 7)", async () => {
    const { process, shares } = await restarted();
    for (const caller of [undefined, FOREIGN_RSA_KEY, WORKLOAD_OWNER, generateKeyPairSync("ed25519").publicKey]) {
      expect(await refusalOf(process.recover(shares, caller))).toMatchObject({
        code: "coordinator/recovery-denied",
        status: "PermissionDenied",
        text: expect.stringContaining("peer not authorized to recover existing state"),
      });
      expect(process.isReady()).toBe(false);
      expect(process.generations).toEqual([]);
    }
    await process.recover(shares, SHARE_OWNER);
    expect(process.isReady()).toBe(true);
  });

  test("lets one of several at once win (row 8)", async () => {
    const { process, shares } = await restarted();
    const attempts = Array.from({ length: 8 }, () => process.recover(shares, SHARE_OWNER));
    const failed: string[] = [];
    for (const attempt of attempts) await attempt.catch((error) => failed.push(error.code));
    expect(failed).toEqual(Array.from({ length: 7 }, () => "coordinator/recovered-concurrently"));
    expect(await refusalOf(Promise.reject(await errorOf(process, shares)))).toMatchObject({
      status: "FailedPrecondition",
    });
    expect(process.generations).toEqual([2]);
  });

  test("fails without certificates, and works when the clock is back", async () => {
    const { bench, shares } = await restarted();
    let now = new Date(Number.NaN);
    const process = await bench.start({ now: () => now });
    expect(await refusalOf(process.recover(shares, SHARE_OWNER))).toMatchObject({ code: "coordinator/ca-failed" });
    now = BENCH_TIME;
    await process.recover(shares, SHARE_OWNER);
  });
});

async function errorOf(process: BenchProcess, shares: { seed: Uint8Array; salt: Uint8Array }): Promise<unknown> {
  return await process.recover(shares, SHARE_OWNER).then(
    () => new Error("recovered twice"),
    (error: unknown) => error,
  );
}
