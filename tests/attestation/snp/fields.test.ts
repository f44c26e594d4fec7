import { describe, expect, test } from "bun:test";
import { decodeCpuidEax, encodeCpuidEax } from "../../../src/attestation/snp/cpuid-eax.ts";
import {
  DEFAULT_GUEST_POLICY,
  GUEST_POLICY_BITS,
  parseGuestPolicy,
} from "../../../src/attestation/snp/guest-policy.ts";
import {
  parsePlatformInfo,
  PLATFORM_INFO_BITS,
  reservedPlatformBits,
} from "../../../src/attestation/snp/platform-info.ts";
import { productOfCpuid, productOfName } from "../../../src/attestation/snp/product.ts";
import { composeTcb, parseTcb, renderTcb, tcbPartsAbove } from "../../../src/attestation/snp/tcb.ts";
import { codeOf } from "../../fakes/error-code.ts";

describe("parseTcb()", () => {
  const raw = 0x0807060504030201n;
  test("reads the bytes of Milan and Genoa", () => {
    const classic = { fmc: undefined, bootloader: 1, tee: 2, snp: 7, microcode: 8 };
    expect([parseTcb(raw, "Milan"), parseTcb(raw, "Genoa"), parseTcb(raw, undefined)]).toEqual([
      classic,
      classic,
      classic,
    ]);
  });
  test("reads the bytes of Turin", () => {
    expect(parseTcb(raw, "Turin")).toEqual({ fmc: 1, bootloader: 2, tee: 3, snp: 4, microcode: 8 });
  });
  test("is undone by composeTcb() but for reserved bytes", () => {
    expect(composeTcb(parseTcb(raw, "Milan"), "Milan")).toBe(0x0807000000000201n);
    expect(composeTcb(parseTcb(raw, "Turin"), "Turin")).toBe(0x0800000004030201n);
  });
  test("does not lose high bytes", () => {
    expect(parseTcb(0xffn << 56n, "Milan").microcode).toBe(255);
  });
});

describe("renderTcb()", () => {
  test("writes the parts in order", () => {
    expect(renderTcb(parseTcb(0x7308000000000003n, "Milan"))).toBe("3.0.8.115");
    expect(renderTcb(parseTcb(0x4100000003010201n, "Turin"))).toBe("1.2.1.3.65");
  });
});

describe("tcbPartsAbove()", () => {
  test("compares part by part, not as numbers", () => {
    const low = { fmc: undefined, bootloader: 4, tee: 0, snp: 8, microcode: 200 };
    const high = { fmc: undefined, bootloader: 3, tee: 0, snp: 9, microcode: 200 };
    expect(tcbPartsAbove(low, high)).toEqual(["bootloader"]);
    expect(tcbPartsAbove(high, low)).toEqual(["snp"]);
    expect(tcbPartsAbove(low, low)).toEqual([]);
  });
});

describe("parseGuestPolicy()", () => {
  test("reads what Contrast's guests are started with", () => {
    expect(parseGuestPolicy(0x30000n)).toEqual(DEFAULT_GUEST_POLICY);
    expect(parseGuestPolicy(0x3001fn)).toEqual({ ...DEFAULT_GUEST_POLICY, abiMinor: 31 });
    expect(parseGuestPolicy(0x30137n)).toEqual({ ...DEFAULT_GUEST_POLICY, abiMajor: 1, abiMinor: 55 });
  });
  test("reads each bit from its own place", () => {
    for (const [name, bit] of Object.entries(GUEST_POLICY_BITS)) {
      const parsed = parseGuestPolicy((1n << 17n) | (1n << BigInt(bit)));
      const set = Object.entries(parsed).filter(([, value]) => value === true);
      expect(set).toEqual([[name, true]]);
    }
  });
  test("has the bits of the specification", () => {
    expect(GUEST_POLICY_BITS).toEqual({
      smt: 16,
      migrateMa: 18,
      debug: 19,
      singleSocket: 20,
      cxlAllow: 21,
      memAes256Xts: 22,
      raplDis: 23,
      ciphertextHidingDram: 24,
      pageSwapDisable: 25,
    });
  });
  test.each([0n, 0x10000n, 0x30000n | (1n << 26n), 0x30000n | (1n << 63n)])("refuses %d", (policy) => {
    expect(codeOf(() => parseGuestPolicy(policy))).toBe("snp/policy-reserved-set");
  });
});

describe("parsePlatformInfo()", () => {
  test("reads each bit from its own place", () => {
    for (const [name, bit] of Object.entries(PLATFORM_INFO_BITS)) {
      const set = Object.entries(parsePlatformInfo(1n << BigInt(bit))).filter(([, value]) => value);
      expect(set).toEqual([[name, true]]);
    }
    expect(Object.values(PLATFORM_INFO_BITS)).toEqual([0, 1, 2, 3, 4, 5, 7]);
  });
  test("leaves the reserved bits to reservedPlatformBits()", () => {
    expect(reservedPlatformBits(0xbfn)).toBe(0n);
    expect(reservedPlatformBits(0x1ffn | (1n << 63n))).toBe(0x140n | (1n << 63n));
  });
});

describe("productOfCpuid()", () => {
  test.each([
    [0x19, 0x00, "Milan"],
    [0x19, 0x01, "Milan"],
    [0x19, 0x0f, "Milan"],
    [0x19, 0x10, "Genoa"],
    [0x19, 0x11, "Genoa"],
    [0x19, 0x1f, "Genoa"],
    [0x19, 0xa0, "Genoa"],
    [0x19, 0xaf, "Genoa"],
    [0x1a, 0x00, "Turin"],
    [0x1a, 0x02, "Turin"],
    [0x1a, 0x11, "Turin"],
    [0x19, 0x20, undefined],
    [0x19, 0x9f, undefined],
    [0x19, 0xb0, undefined],
    [0x1a, 0x12, undefined],
    [0x17, 0x01, undefined],
    [0x00, 0x00, undefined],
  ] as const)("maps family %d model %d", (family, model, product) => {
    expect(productOfCpuid({ family, model, stepping: 0 })).toBe(product);
  });
});

describe("productOfName()", () => {
  test.each([
    ["Milan-B0", "Milan"],
    ["Genoa", "Genoa"],
    ["Turin-B1", "Turin"],
    ["milan-B0", undefined],
    ["Milano", undefined],
    ["", undefined],
    ["-B0", undefined],
  ] as const)("reads %j", (name, product) => {
    expect(productOfName(name)).toBe(product);
  });
});

describe("encodeCpuidEax()", () => {
  test.each([
    [0x19, 0x01, 1, 0x00a00f11],
    [0x19, 0x11, 1, 0x00a10f11],
    [0x1a, 0x02, 0, 0x00b00f20],
    [0x19, 0xa0, 2, 0x00aa0f02],
    [0x06, 0x23, 4, 0x00020634],
  ])("packs family %d model %d stepping %d", (family, model, stepping, eax) => {
    expect(encodeCpuidEax({ family, model, stepping })).toBe(eax);
    expect(decodeCpuidEax(eax)).toEqual({ family, model, stepping });
  });
});

describe("decodeCpuidEax()", () => {
  test.each([0x10000000, 0x00a00f11 | 0x1000, 0x00a00e11, 0x0ff00f11, 0xffffffff])("refuses %d", (eax) => {
    expect(decodeCpuidEax(eax)).toBeUndefined();
  });
});
