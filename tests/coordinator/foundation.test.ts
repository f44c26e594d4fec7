import { describe, expect, test } from "bun:test";
import { layFoundation } from "../../src/coordinator/foundation.ts";
import { createSeed } from "../../src/coordinator/seed/seed-shares.ts";
import { openShares, pkcs1Hex, SHARE_OWNER } from "../fakes/authority-bench.ts";
import { changedManifest } from "../fakes/plain-manifest.ts";
import { refusalOf } from "../fakes/refusal.ts";

const ownedBy = (...owners: readonly string[]) =>
  changedManifest((manifest) => (manifest.SeedshareOwnerPubKeys = [...owners]));

describe("layFoundation()", () => {
  test("shares the seed that it derives everything from, and wipes it", () => {
    const drawn = createSeed();
    const before = drawn.seed.slice();
    const { seedEngine, seedShares } = layFoundation(ownedBy(pkcs1Hex(SHARE_OWNER)), () => drawn);
    expect(openShares({ rootCaPem: "", meshCaPem: "", seedShares }).seed).toEqual(before);
    expect(seedShares.salt).toEqual(drawn.salt);
    expect(seedEngine.salt).toEqual(drawn.salt);
    expect(drawn.seed).toEqual(new Uint8Array(64));
  });

  test("refuses an owner who cannot be encrypted for, in words that clients look for", async () => {
    const drawn = createSeed();
    const lay = async () => layFoundation(ownedBy("3082"), () => drawn);
    expect(await refusalOf(lay())).toMatchObject({
      code: "coordinator/seed-share-key-invalid",
      status: "InvalidArgument",
      text: expect.stringContaining("initializing seed engine"),
    });
    expect(drawn.seed).toEqual(new Uint8Array(64));
  });
});
