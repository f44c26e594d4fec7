import { describe, expect, test } from "bun:test";
import { createPublicKey, type KeyObject } from "node:crypto";
import { parseLatest, signLatest, verifyLatest } from "../../../src/coordinator/history/latest-transition.ts";
import {
  encodeTransition,
  hashTransition,
  NO_TRANSITION,
  parseTransition,
  type Transition,
} from "../../../src/coordinator/history/transition.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { TRANSACTION_KEY } from "../../fakes/history-scenario.ts";
import { bitFlips, flipBit, seededRandom, truncations } from "../../fakes/mutations.ts";

/** Signing key Q of V3 in section 12.2 of the format's description. */
const VECTOR_KEY = keyOfPoint(
  "049373e56769898addfd304ae8bbeefeebd46ca51e90906abbf7169f1e0ab3960d66ede5e7781f1ec88ecedf6befe6ef89149252a93eeac3901c9501873c00fc07ce628f19f9292625c8d8dc638eec35bc97160125946e016a860bf2bcf564c4f4",
);
/** Latest transition of section 12.3. */
const VECTOR_LATEST = Uint8Array.fromHex(
  "c5c2f621d202f914084176919caceebf713f46e5d62667d8b046c7e8cef823f2" +
    "306402301001d06cda2d973bd3765f6f144c59fb65ae9c4625261b25081f4398678aca6295b3406f1d945b47ecc4a09e5e002a8a" +
    "0230098ec5cb8f9d806a3f89617e373c512f59d0ece24e9f9c09b05ba3186100f5e87dd575f4b634c58083aeef4b28560ae2",
);
const FIRST: Transition = {
  manifestHash: Uint8Array.fromHex("ad420d1653bc336a925f43068d0b50d237b44ccbc16ebfa8a5fc43756d50ed7d"),
  previousHash: NO_TRANSITION,
};
const SECOND: Transition = {
  manifestHash: Uint8Array.fromHex("ef2ce5620ae65a42d93a63441606f605987502def2f4e3c71e07c83300703ddb"),
  previousHash: hashTransition(FIRST),
};

function keyOfPoint(hex: string): KeyObject {
  const point = Buffer.from(hex, "hex");
  const part = (from: number): string => point.subarray(from, from + 48).toString("base64url");
  return createPublicKey({ key: { kty: "EC", crv: "P-384", x: part(1), y: part(49) }, format: "jwk" });
}

describe("hashTransition()", () => {
  test("agrees with the published vectors", () => {
    expect(hashTransition(FIRST).toHex()).toBe("c5c2f621d202f914084176919caceebf713f46e5d62667d8b046c7e8cef823f2");
    expect(hashTransition(SECOND).toHex()).toBe("de44ba9369fe92be10e738ef9f0bfaf48019598d42570c3afe76fb3ccbb4c1e5");
  });
});

describe("parseTransition()", () => {
  test("is the inverse of encodeTransition()", () => {
    const below = seededRandom(1);
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from({ length: 64 }, () => below(256));
      expect(encodeTransition(parseTransition(bytes))).toEqual(bytes);
    }
  });

  test("refuses every other length", () => {
    for (const bytes of truncations(encodeTransition(SECOND))) {
      expect(codeOf(() => parseTransition(bytes))).toBe("coordinator/history-corrupt");
    }
    expect(codeOf(() => parseTransition(new Uint8Array(65)))).toBe("coordinator/history-corrupt");
  });

  test("keeps nothing of its input", () => {
    const bytes = encodeTransition(SECOND);
    const parsed = parseTransition(bytes);
    bytes.fill(0);
    expect(parsed).toEqual(SECOND);
  });
});

describe("encodeTransition()", () => {
  test.each([0, 31, 33])("refuses hashes of %d bytes", (length) => {
    const short = new Uint8Array(length);
    expect(codeOf(() => encodeTransition({ ...FIRST, manifestHash: short }))).toBe("lib/internal");
    expect(codeOf(() => encodeTransition({ ...FIRST, previousHash: short }))).toBe("lib/internal");
  });
});

describe("parseLatest()", () => {
  test("tells hash and signature apart", () => {
    const { transitionHash, signature, bytes } = parseLatest(VECTOR_LATEST);
    expect(transitionHash).toEqual(hashTransition(FIRST));
    expect(signature).toEqual(VECTOR_LATEST.subarray(32));
    expect(bytes).toEqual(VECTOR_LATEST);
  });

  test("refuses a hash without signature, and more than any signature", () => {
    for (const length of [0, 31, 32, 257, 70_000]) {
      expect(codeOf(() => parseLatest(new Uint8Array(length)))).toBe("coordinator/history-corrupt");
    }
    expect(parseLatest(new Uint8Array(33)).signature).toHaveLength(1);
  });
});

describe("verifyLatest()", () => {
  test("accepts the published vector", () => {
    const verified = verifyLatest(parseLatest(VECTOR_LATEST), FIRST, VECTOR_KEY);
    expect(verified.transition).toEqual(FIRST);
    expect(verified.latest.bytes).toEqual(VECTOR_LATEST);
  });

  test("accepts what signLatest() makes", () => {
    const latest = signLatest(SECOND, TRANSACTION_KEY.privateKey);
    expect(verifyLatest(latest, SECOND, TRANSACTION_KEY.publicKey).latest).toBe(latest);
  });

  test("refuses every bit flip and every truncation of the vector", () => {
    const refused = (bytes: Uint8Array): string => codeOf(() => verifyLatest(parseLatest(bytes), FIRST, VECTOR_KEY));
    for (const { flipped } of bitFlips(VECTOR_LATEST, 3)) {
      expect(refused(flipped)).toBe("coordinator/history-signature-invalid");
    }
    for (let length = 33; length < VECTOR_LATEST.length; length++) {
      expect(refused(VECTOR_LATEST.subarray(0, length))).toBe("coordinator/history-signature-invalid");
    }
    expect(refused(Uint8Array.of(...VECTOR_LATEST, 0))).toBe("coordinator/history-signature-invalid");
  });

  test("refuses another transition, also one that the key has signed", () => {
    const signature = signLatest(SECOND, TRANSACTION_KEY.privateKey).signature;
    const swapped = parseLatest(Uint8Array.of(...hashTransition(FIRST), ...signature));
    for (const transition of [FIRST, SECOND]) {
      expect(codeOf(() => verifyLatest(swapped, transition, TRANSACTION_KEY.publicKey))).toBe(
        "coordinator/history-signature-invalid",
      );
    }
  });

  test("refuses another transition under a hash that was signed for it", () => {
    const latest = parseLatest(VECTOR_LATEST);
    const other = parseTransition(flipBit(encodeTransition(FIRST), 5));
    expect(codeOf(() => verifyLatest(latest, other, VECTOR_KEY))).toBe("coordinator/history-signature-invalid");
  });
});
