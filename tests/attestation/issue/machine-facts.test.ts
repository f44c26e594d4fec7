import { describe, expect, test } from "bun:test";
import { isOnAzure, parseCpuinfo } from "../../../src/attestation/issue/machine-facts.ts";

const MILAN = `processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 1
model name\t: AMD EPYC-Milan Processor
stepping\t: 1
microcode\t: 0xa0011d1

processor\t: 1
vendor_id\t: AuthenticAMD
cpu family\t: 26
model\t\t: 2
stepping\t: 0
`;

describe("parseCpuinfo()", () => {
  test("reads the first processor", () => {
    expect(parseCpuinfo(MILAN)).toEqual({ family: 25, model: 1, stepping: 1 });
  });

  test.each([
    ["another vendor", MILAN.replace("AuthenticAMD", "GenuineIntel")],
    ["nothing", ""],
    ["no family", MILAN.replace("cpu family", "cpu")],
    ["no model", MILAN.replace("model\t", "mode\t")],
    ["no stepping", MILAN.replace("stepping", "step")],
    ["a family that is no number", MILAN.replace(": 25", ": x19")],
    ["a family beyond what processors have", MILAN.replace(": 25", ": 25000")],
  ])("knows nothing for %s", (_, text) => {
    expect(parseCpuinfo(text)).toBeUndefined();
  });
});

describe("isOnAzure()", () => {
  test.each([
    ["Microsoft Corporation\n", "7783-7084-3265-9085-8269-3286-77\n", true],
    ["Cloud Hypervisor\n", undefined, true],
    ["QEMU\n", "", false],
    ["Microsoft Corporation\n", "0000-0000", false],
    [undefined, undefined, false],
  ])("says of vendor %j and chassis %j: %p", (vendor, chassis, expected) => {
    expect(isOnAzure(vendor, chassis)).toBe(expected);
  });
});
