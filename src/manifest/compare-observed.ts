import type { ObservedMachine, ObservedSnp, ObservedTdx } from "./observed-machine.ts";
import { isPlaceholderMeasurement } from "./placeholder-measurement.ts";
import type { Manifest, SnpReferenceValues, TdxReferenceValues } from "./schema.ts";

/** How a value of a machine stands to what a manifest expects. */
export type ObservedRelation = "fits" | "empty" | "too-low" | "differs";

/** A value of a machine beside that of the manifest. */
export interface ComparedValue {
  /** Within its entry, such as `MinimumTCB.SNPVersion`. */
  readonly name: string;
  /** A number, or lower-case hexadecimal digits. */
  readonly observed: string;
  /** As the manifest has it; undefined where it is empty or a placeholder. */
  readonly expected: string | undefined;
  readonly relation: ObservedRelation;
}

/** A machine beside one entry of the reference values. */
export interface ComparedEntry {
  /** Such as `ReferenceValues.snp[0]`. */
  readonly path: string;
  /** What the entry says of the hardware, such as `Milan`; undefined for TDX. */
  readonly product: string | undefined;
  /** Empty for entries of another product line, which say nothing about this machine. */
  readonly values: readonly ComparedValue[];
}

/** Puts what a machine states beside every entry for its kind of hardware. */
export function compareObserved({ referenceValues }: Manifest, machine: ObservedMachine): readonly ComparedEntry[] {
  if (machine.tee === "tdx") {
    const entries = referenceValues.tdx ?? [];
    return entries.map((entry, index) => ({
      path: `ReferenceValues.tdx[${index}]`,
      product: undefined,
      values: compareTdx(entry, machine),
    }));
  }
  return (referenceValues.snp ?? []).map((entry, index) => ({
    path: `ReferenceValues.snp[${index}]`,
    product: entry.productName,
    values: entry.productName === machine.product ? compareSnp(entry, machine) : [],
  }));
}

function compareSnp(entry: SnpReferenceValues, { tcb, measurementHex }: ObservedSnp): readonly ComparedValue[] {
  const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion } = entry.minimumTcb;
  return [
    compareMeasurement("TrustedMeasurement", measurementHex, entry.trustedMeasurement),
    compareNumber("MinimumTCB.BootloaderVersion", tcb.bootloader, bootloaderVersion),
    compareNumber("MinimumTCB.TEEVersion", tcb.tee, teeVersion),
    compareNumber("MinimumTCB.SNPVersion", tcb.snp, snpVersion),
    compareNumber("MinimumTCB.MicrocodeVersion", tcb.microcode, microcodeVersion),
  ];
}

function compareTdx(entry: TdxReferenceValues, machine: ObservedTdx): readonly ComparedValue[] {
  return [
    compareMeasurement("MrTd", machine.mrTdHex, entry.mrTd),
    compareMeasurement("MrSeam", machine.mrSeamHex, entry.mrSeam),
    compareParts("MinimumTeeTcbSvn", machine.teeTcbSvnHex, entry.minimumTeeTcbSvn),
    compareNumber("MinimumQeSvn", machine.qeSvn, entry.minimumQeSvn),
    compareNumber("MinimumPceSvn", machine.pceSvn, entry.minimumPceSvn),
  ];
}

function compareMeasurement(name: string, observed: string, text: string): ComparedValue {
  const isEmpty = text === "" || isPlaceholderMeasurement(text);
  const expected = isEmpty ? undefined : text.toLowerCase();
  return { name, observed, expected, relation: relationOf(expected, observed === expected, "differs") };
}

function compareNumber(name: string, observed: number, minimum: number | null): ComparedValue {
  const expected = minimum === null ? undefined : String(minimum);
  return { name, observed: String(observed), expected, relation: relationOf(expected, observed >= (minimum ?? 0)) };
}

/** Each byte is a version of its own. */
function compareParts(name: string, observed: string, text: string): ComparedValue {
  const expected = text === "" ? undefined : text.toLowerCase();
  const parts = Uint8Array.fromHex(observed);
  const minima = Uint8Array.fromHex(expected ?? "");
  return {
    name,
    observed,
    expected,
    relation: relationOf(
      expected,
      parts.every((part, at) => part >= (minima[at] ?? 0)),
    ),
  };
}

function relationOf(
  expected: string | undefined,
  isGood: boolean,
  otherwise: "too-low" | "differs" = "too-low",
): ObservedRelation {
  if (expected === undefined) return "empty";
  return isGood ? "fits" : otherwise;
}
