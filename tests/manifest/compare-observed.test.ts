import { describe, expect, test } from "bun:test";
import { compareObserved } from "../../src/manifest/compare-observed.ts";
import type { ObservedMachine } from "../../src/manifest/observed-machine.ts";
import { PLACEHOLDER_MEASUREMENT } from "../../src/manifest/placeholder-measurement.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { changedManifest } from "../fakes/plain-manifest.ts";

const SNP: ObservedMachine = {
  tee: "snp",
  product: "Milan",
  tcb: { fmc: undefined, bootloader: 4, tee: 0, snp: 24, microcode: 217 },
  measurementHex: "0a".repeat(48),
};
const TDX: ObservedMachine = {
  tee: "tdx",
  mrTdHex: "7d".repeat(48),
  mrSeamHex: "5e".repeat(48),
  teeTcbSvnHex: `0601${"00".repeat(14)}`,
  qeSvn: 1,
  pceSvn: 0,
};

function relations(machine: ObservedMachine, entry: object): readonly string[] {
  const manifest = changedManifest((plain) => {
    if (machine.tee === "snp") Object.assign(plain.ReferenceValues.snp![0]!, entry);
    else plain.ReferenceValues = { tdx: [{ ...createIntelPlatform().referenceValues(), ...entry }] };
  });
  return compareObserved(manifest, machine).flatMap(({ values }) => values.map(({ relation }) => relation));
}

describe("compareObserved()", () => {
  test("compares security versions as minima and measurements as they are", () => {
    const MinimumTCB = { BootloaderVersion: 5, TEEVersion: 0, SNPVersion: null, MicrocodeVersion: 217 };
    const found = relations(SNP, { MinimumTCB, TrustedMeasurement: "0A".repeat(48) });
    expect(found).toEqual(["fits", "too-low", "fits", "empty", "fits"]);
    expect(relations(SNP, { MinimumTCB, TrustedMeasurement: "0b".repeat(48) })[0]).toBe("differs");
  });

  test("takes a placeholder for no value", () => {
    expect(relations(SNP, { TrustedMeasurement: PLACEHOLDER_MEASUREMENT })[0]).toBe("empty");
  });

  test("compares each byte of TEE_TCB_SVN by itself", () => {
    const values = { MrTd: "7d".repeat(48), MrSeam: "", MinimumQeSvn: 2, MinimumPceSvn: null };
    expect(relations(TDX, { ...values, MinimumTeeTcbSvn: `0501${"00".repeat(14)}` })).toEqual([
      "fits",
      "empty",
      "fits",
      "too-low",
      "empty",
    ]);
    expect(relations(TDX, { ...values, MinimumTeeTcbSvn: `0102${"00".repeat(14)}` })[2]).toBe("too-low");
    expect(relations(TDX, { ...values, MinimumTeeTcbSvn: "" })[2]).toBe("empty");
  });

  test("says nothing about the values of another product line", () => {
    const manifest = changedManifest(({ ReferenceValues }) => void (ReferenceValues.snp![0]!.ProductName = "Genoa"));
    expect(compareObserved(manifest, SNP)).toEqual([{ path: "ReferenceValues.snp[0]", product: "Genoa", values: [] }]);
    expect(compareObserved(manifest, TDX)).toEqual([]);
  });
});
