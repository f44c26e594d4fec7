import { describe, expect, test } from "bun:test";
import { VCPU_TYPES, vcpuSignature } from "../../../src/measure/snp/vcpu-signature.ts";

describe("vcpuSignature()", () => {
  test.each([
    ["EPYC", 0x800f12],
    ["EPYC-v5", 0x800f12],
    ["EPYC-IBPB", 0x800f12],
    ["EPYC-Rome", 0x830f10],
    ["EPYC-Milan-v2", 0xa00f11],
    ["EPYC-Genoa", 0xa10f10],
    ["EPYC-Turin", 0xb00f00],
  ])("gives CPUID of %s", (type, signature) => {
    expect(vcpuSignature(VCPU_TYPES.get(type)!)).toBe(signature);
  });

  test("puts small families where they belong", () => {
    expect(vcpuSignature({ family: 6, model: 0x8f, stepping: 8 })).toBe(0x806f8);
    expect(vcpuSignature({ family: 15, model: 255, stepping: 15 })).toBe(0xf0fff);
    expect(vcpuSignature({ family: 270, model: 0, stepping: 0 })).toBe(0xff00f00);
  });
});
