import { describe, expect, test } from "bun:test";
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from "node:crypto";
import { openSeedShare } from "../../../src/client/open-seed-share.ts";
import { createSeed, encryptSeedShares } from "../../../src/coordinator/seed/seed-shares.ts";
import { codeOf } from "../../fakes/error-code.ts";

const pairs = [2048, 3072].map((modulusLength) => generateKeyPairSync("rsa", { modulusLength }));
const pkcs1Hex = (key: KeyObject): string => key.export({ type: "pkcs1", format: "der" }).toString("hex");
const keys = pairs.map(({ publicKey }) => pkcs1Hex(publicKey));

describe("createSeed()", () => {
  test("makes a seed of 64 and a salt of 32 bytes, new ones each time", () => {
    const seeds = Array.from({ length: 20 }, createSeed);
    expect(seeds.every(({ seed, salt }) => seed.length === 64 && salt.length === 32)).toBe(true);
    expect(new Set(seeds.flatMap(({ seed, salt }) => [seed.toHex(), salt.toHex()])).size).toBe(40);
  });
});

describe("encryptSeedShares()", () => {
  test("makes a share for each owner, which that owner alone can open", () => {
    const { seed, salt } = createSeed();
    const shares = encryptSeedShares(seed, keys);
    expect(shares.map(({ publicKeyHex }) => publicKeyHex)).toEqual(keys);
    expect(shares.map(({ encryptedSeed }) => encryptedSeed.length)).toEqual([256, 384]);
    for (const [index, { privateKey }] of pairs.entries()) {
      const owner = { key: privateKey, identity: keys[index]! };
      expect(openSeedShare({ shares, salt }, owner, "shares")).toEqual(seed);
      const other = [{ publicKeyHex: keys[index]!, encryptedSeed: shares[1 - index]!.encryptedSeed }];
      const open = (): unknown => openSeedShare({ shares: other, salt }, owner, "shares");
      expect(codeOf(open)).toBe("client/seed-share-undecryptable");
    }
  });

  test("encrypts the whole seed as version 1.4 does: RSA-OAEP, SHA-256, its label", () => {
    const { seed } = createSeed();
    const [share] = encryptSeedShares(seed, keys);
    const oaepLabel = Buffer.from("736565647368617265", "hex");
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const key = { key: pairs[0]!.privateKey, padding, oaepHash: "sha256", oaepLabel };
    expect(privateDecrypt(key, share!.encryptedSeed).toString("hex")).toBe(seed.toHex());
  });

  test("names the key as the manifest does", () => {
    const upper = keys[0]!.toUpperCase();
    expect(encryptSeedShares(createSeed().seed, [upper])[0]!.publicKeyHex).toBe(upper);
  });

  test("makes none for nobody", () => {
    expect(encryptSeedShares(createSeed().seed, [])).toEqual([]);
  });

  test.each([
    ["no hexadecimal text", "zz"],
    ["an odd number of digits", keys[0]!.slice(1)],
    ["nothing", ""],
    ["another structure", "3000"],
    ["SPKI", pairs[0]!.publicKey.export({ type: "spki", format: "der" }).toString("hex")],
    ["bytes behind the key", `${keys[0]}00`],
    ["a key that is too short for the seed", pkcs1Hex(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey)],
    ["a short key", pkcs1Hex(generateKeyPairSync("rsa", { modulusLength: 1536 }).publicKey)],
  ])("refuses %s", (_, hex) => {
    const { seed } = createSeed();
    expect(codeOf(() => encryptSeedShares(seed, [keys[1]!, hex]))).toBe("coordinator/seed-share-key-invalid");
  });

  test("makes no share of a seed that a good key has no room for", () => {
    const seed = new Uint8Array(256 - 66 + 1);
    expect(codeOf(() => encryptSeedShares(seed, [keys[0]!]))).toBe("coordinator/seed-share-key-invalid");
    expect(encryptSeedShares(seed.subarray(1), [keys[0]!]).length).toBe(1);
  });
});
