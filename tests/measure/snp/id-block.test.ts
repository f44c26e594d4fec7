import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha384 } from "../../../src/lib/digest.ts";
import { anonymousIdKey } from "../../../src/measure/snp/anonymous-id-key.ts";
import { signIdBlock } from "../../../src/measure/snp/id-auth.ts";
import { encodeIdBlock } from "../../../src/measure/snp/id-block.ts";
import { readIdKey } from "../../../src/measure/snp/id-key.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const P384 = { namedCurve: "P-384" } as const;

function blockOf(byte: number): Uint8Array {
  return encodeIdBlock({
    launchDigest: new Uint8Array(48).fill(byte),
    familyId: new Uint8Array(16).fill(1),
    imageId: new Uint8Array(16).fill(2),
    guestSvn: 0x01020304,
    policy: 0x30000n,
  });
}

/** A number of a key or signature: 72 bytes, little-endian. */
function number(bytes: Uint8Array, at: number): Uint8Array {
  expect(bytes.subarray(at + 48, at + 72).every((byte) => byte === 0)).toBe(true);
  return bytes.slice(at, at + 48).toReversed();
}

function keyAt(bytes: Uint8Array, at: number): KeyObject {
  const coordinate = (offset: number): string => number(bytes, at + offset).toBase64({ alphabet: "base64url" });
  return createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-384", x: coordinate(4), y: coordinate(76) } });
}

function isSigned(data: Uint8Array, key: KeyObject, bytes: Uint8Array, at: number): boolean {
  const rs = Buffer.concat([number(bytes, at), number(bytes, at + 72)]);
  return verify("sha384", data, { key, dsaEncoding: "ieee-p1363" }, rs);
}

describe("encodeIdBlock()", () => {
  test("puts each field at its place", () => {
    expect(blockOf(0xab).toHex()).toBe(
      `${"ab".repeat(48)}${"01".repeat(16)}${"02".repeat(16)}01000000040302010000030000000000`,
    );
  });
});

describe("signIdBlock()", () => {
  test("signs with the anonymous key what everybody can check", () => {
    for (let byte = 0; byte < 32; byte += 1) {
      const block = blockOf(byte);
      const { bytes, idKeyDigest, authorKeyDigest } = signIdBlock(block, {});
      expect(bytes).toHaveLength(4096);
      expect(number(bytes, 0x40).at(-1)).toBe(2);
      expect(number(bytes, 0x88).at(-1)).toBe(1);
      expect(isSigned(block, keyAt(bytes, 0x240), bytes, 0x40)).toBe(true);
      expect(idKeyDigest).toEqual(sha384(bytes.subarray(0x240, 0x644)));
      expect(authorKeyDigest).toBeUndefined();
      expect(bytes.subarray(0x680).every((value) => value === 0)).toBe(true);
    }
  });

  test("signs with keys of the user", () => {
    const idKey = generateKeyPairSync("ec", P384).privateKey;
    const authorKey = generateKeyPairSync("ec", P384).privateKey;
    const block = blockOf(1);
    const { bytes, authorKeyDigest } = signIdBlock(block, { idKey, authorKey });
    expect(bytes.subarray(0, 8).toHex()).toBe("0100000001000000");
    expect(bytes.subarray(0x240, 0x244).toHex()).toBe("02000000");
    expect(keyAt(bytes, 0x240).equals(createPublicKey(idKey))).toBe(true);
    expect(keyAt(bytes, 0x880).equals(createPublicKey(authorKey))).toBe(true);
    expect(isSigned(block, createPublicKey(idKey), bytes, 0x40)).toBe(true);
    expect(isSigned(bytes.subarray(0x240, 0x644), createPublicKey(authorKey), bytes, 0x680)).toBe(true);
    expect(authorKeyDigest).toEqual(sha384(bytes.subarray(0x880, 0xc84)));
  });
});

describe("anonymousIdKey()", () => {
  /** By textbook arithmetic in another language; the smaller key comes from either of the two points. */
  test.each([
    [
      1,
      "2605c96a4e8541026caa58e9c35859fe51ba7591a54b6ac3bf8cffbda34ea25cbce93022e2a0a970b5e76ab6b3884b98",
      "0de12e96e1ee4b96a966ee5b3c7be8fa12e35feeb57bffbf94823ada8f73b1a5bafe8e083590c6351edf187f1040235f",
    ],
    [
      2,
      "76bead8f0ddbc0710f8778fa70c53febf43f9582ddf43f21f48ebdb3fe6e532a3cb0d70b6966ce18911a20245bfeb18a",
      "fddd8cd0417c9b9a7caf6639fdf43ffd2b229a60ad06f88ce2f35f3e84bd46f7a3f4ae285d5fde6d1ce31a8c27c68362",
    ],
  ])("takes the smaller of the two keys for the byte %d", (byte, x, y) => {
    const key = anonymousIdKey(Uint8Array.of(byte));
    expect([key.x.toHex(), key.y.toHex()]).toEqual([x, y]);
  });
});

describe("readIdKey()", () => {
  const written = (name: string, text: string | Buffer): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  test.each(["sec1", "pkcs8"] as const)("reads a key in the form %s", async (type) => {
    const { privateKey } = generateKeyPairSync("ec", P384);
    const read = await readIdKey(written("key.pem", privateKey.export({ type, format: "pem" })), "ID key");
    expect(read.equals(privateKey)).toBe(true);
  });

  test.each([
    ["on another curve", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
    ["of another kind", generateKeyPairSync("ed25519").privateKey],
  ])("refuses a key %s", async (_, key) => {
    const path = written("wrong.pem", key.export({ type: "pkcs8", format: "pem" }));
    expect(await codeOfAsync(() => readIdKey(path, "ID key"))).toBe("measure/id-key-invalid");
  });

  test("refuses public keys and damaged ones", async () => {
    const { publicKey } = generateKeyPairSync("ec", P384);
    const paths = [
      written("public.pem", publicKey.export({ type: "spki", format: "pem" })),
      written("damaged.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    ];
    for (const path of paths) {
      expect(await codeOfAsync(() => readIdKey(path, "ID key"))).toBe("measure/id-key-invalid");
    }
  });
});
