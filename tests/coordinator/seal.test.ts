import { describe, expect, test } from "bun:test";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { requireSeal } from "../../src/coordinator/seal.ts";
import { hashTransition, NO_TRANSITION } from "../../src/coordinator/history/transition.ts";
import type { ManifestRequest } from "../../src/coordinator/set-manifest.ts";
import {
  AuthorityBench,
  benchWithManifest,
  requestFor,
  WORKLOAD_OWNER,
  WORKLOAD_OWNER_PRIVATE,
} from "../fakes/authority-bench.ts";
import { refusalOf } from "../fakes/refusal.ts";

describe("requireSeal()", () => {
  const transitionOf = ({ manifest }: ManifestRequest, previousHash: Uint8Array) => ({
    manifestHash: new Uint8Array(createHash("sha256").update(manifest).digest()),
    previousHash,
  });
  const signatureOf = (request: ManifestRequest, previousHash: Uint8Array, key: KeyObject): Uint8Array => {
    const digits = Buffer.from(hashTransition(transitionOf(request, previousHash))).toString("hex");
    return new Uint8Array(sign("sha256", Buffer.from(digits), key));
  };

  test("takes the signature over the published digest", () => {
    const digits = "c5c2f621d202f914084176919caceebf713f46e5d62667d8b046c7e8cef823f2";
    const digest = createHash("sha256").update(digits).digest("hex");
    expect(digest).toBe("5a7705c0b4ca4c2f65bfb6b5ab49fda0ae90b119e8958528808558853174780d");
    const manifestHash = Uint8Array.fromHex("ad420d1653bc336a925f43068d0b50d237b44ccbc16ebfa8a5fc43756d50ed7d");
    const seal = { signature: new Uint8Array(sign("sha256", Buffer.from(digits), WORKLOAD_OWNER_PRIVATE)) };
    expect(() => requireSeal(seal, { manifestHash, previousHash: NO_TRANSITION }, WORKLOAD_OWNER)).not.toThrow();
  });

  test("sets the first manifest after none", async () => {
    const process = await new AuthorityBench().start();
    await process.setManifest({ ...requestFor("web"), previousTransitionHash: NO_TRANSITION }, undefined);
    expect(process.generations).toEqual([1]);
  });

  test("sets a manifest after the transition that clients were told", async () => {
    const { first } = await benchWithManifest();
    const previousTransitionHash = (await first.getManifests()).latest.transitionHash;
    await first.setManifest({ ...requestFor("api"), previousTransitionHash }, WORKLOAD_OWNER);
    expect(first.generations).toEqual([1, 2]);
  });

  test.each([0, 31, 33])("refuses a previous transition of %d bytes", async (length) => {
    const { first } = await benchWithManifest();
    const request = { ...requestFor("api"), previousTransitionHash: new Uint8Array(length) };
    expect(await refusalOf(first.setManifest(request, WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/transition-hash-invalid",
      status: "InvalidArgument",
    });
  });

  test("refuses another predecessor, with what clients look for", async () => {
    const { first } = await benchWithManifest();
    const request = { ...requestFor("api"), previousTransitionHash: NO_TRANSITION };
    expect(await refusalOf(first.setManifest(request, WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/transition-stale",
      status: "FailedPrecondition",
      text: expect.stringContaining("has changed since last read"),
    });
  });

  test("accepts the signature of the caller", async () => {
    const { first } = await benchWithManifest();
    const request = requestFor("api");
    const { transitionHash } = (await first.current()).latest;
    const signature = signatureOf(request, transitionHash, WORKLOAD_OWNER_PRIVATE);
    await first.setManifest({ ...request, signature }, WORKLOAD_OWNER);
    expect(first.generations).toEqual([1, 2]);
  });

  test("refuses a signature over another predecessor, by another key, or without caller", async () => {
    const { first } = await benchWithManifest();
    const request = requestFor("api");
    const { transitionHash } = (await first.current()).latest;
    const other = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    const refused = { code: "coordinator/transition-signature-invalid", status: "PermissionDenied" };
    for (const signature of [
      signatureOf(request, NO_TRANSITION, WORKLOAD_OWNER_PRIVATE),
      signatureOf(request, transitionHash, other),
      signatureOf(requestFor("web"), transitionHash, WORKLOAD_OWNER_PRIVATE),
    ]) {
      expect(await refusalOf(first.setManifest({ ...request, signature }, WORKLOAD_OWNER))).toMatchObject(refused);
    }
    const empty = await new AuthorityBench().start();
    const signature = signatureOf(request, NO_TRANSITION, WORKLOAD_OWNER_PRIVATE);
    expect(await refusalOf(empty.setManifest({ ...request, signature }, undefined))).toMatchObject(refused);
    await empty.setManifest({ ...request, signature }, WORKLOAD_OWNER);
  });
});
