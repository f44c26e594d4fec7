import type { ObservedMachine, ObservedSnp, ObservedTdx } from "./observed-machine.ts";
import type { Manifest, SnpReferenceValues, SnpTcb, TdxReferenceValues } from "./schema.ts";

/** A value that was empty and gets what a machine states. */
export interface FilledValue {
  /** Such as `ReferenceValues.snp[0].MinimumTCB.SNPVersion`. */
  readonly path: string;
  /** As it stands in the manifest, without quotation marks. */
  readonly value: string;
}

/** A manifest in which empty values were filled. */
export interface FilledManifest {
  readonly manifest: Manifest;
  /** In the order of the manifest; empty where there was nothing to fill. */
  readonly filled: readonly FilledValue[];
}

/**
 * Fills empty values of the reference values with those of a machine: the security versions, and for TDX the TDX
 * module. Values that are there stay, whatever the machine says. Measurements of guests are never filled in: whether the
 * right guest runs there is the very question that attestation answers, so its answer must come from somewhere else.
 *
 * For SEV-SNP the entries of the machine's product are filled. Where several entries would do, only those that expect
 * the guest which runs there.
 */
export function fillObserved(manifest: Manifest, machine: ObservedMachine): FilledManifest {
  const filled: FilledValue[] = [];
  const { snp, tdx } = manifest.referenceValues;
  const referenceValues =
    machine.tee === "snp"
      ? { ...manifest.referenceValues, snp: fillList(snp, "snp", isSnpTarget(machine), fillSnp(machine), filled) }
      : { ...manifest.referenceValues, tdx: fillList(tdx, "tdx", isTdxTarget(machine), fillTdx(machine), filled) };
  return { manifest: { ...manifest, referenceValues }, filled };
}

interface Target {
  /** Whether the entry can be meant for the machine at all. */
  readonly fits: boolean;
  /** Whether it expects the guest that runs there. */
  readonly expectsGuest: boolean;
}

function isSnpTarget({ product, measurementHex }: ObservedSnp): (entry: SnpReferenceValues) => Target {
  return ({ productName, trustedMeasurement }) => ({
    fits: productName === product,
    expectsGuest: trustedMeasurement.toLowerCase() === measurementHex,
  });
}

function isTdxTarget({ mrTdHex }: ObservedTdx): (entry: TdxReferenceValues) => Target {
  return ({ mrTd }) => ({ fits: true, expectsGuest: mrTd.toLowerCase() === mrTdHex });
}

/** Fills the entries that are meant; `fill` names what it fills relative to its entry. */
function fillList<T>(
  entries: readonly T[] | null,
  list: "snp" | "tdx",
  targetOf: (entry: T) => Target,
  fill: (entry: T, note: (name: string, value: string) => void) => T,
  filled: FilledValue[],
): readonly T[] | null {
  if (entries === null) return null;
  const targets = entries.map(targetOf);
  const isAlone = targets.filter(({ fits }) => fits).length === 1;
  return entries.map((entry, index) => {
    const target = targets[index];
    if (target === undefined || !target.fits || !(isAlone || target.expectsGuest)) return entry;
    return fill(entry, (name, value) => filled.push({ path: `ReferenceValues.${list}[${index}].${name}`, value }));
  });
}

type Note = (name: string, value: string) => void;

function fillSnp({ tcb }: ObservedSnp): (entry: SnpReferenceValues, note: Note) => SnpReferenceValues {
  return (entry, note) => {
    const fillPart = (value: number | null, name: string, observed: number): number => {
      if (value !== null) return value;
      note(`MinimumTCB.${name}`, String(observed));
      return observed;
    };
    const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion, unknown } = entry.minimumTcb;
    const minimumTcb: SnpTcb = {
      bootloaderVersion: fillPart(bootloaderVersion, "BootloaderVersion", tcb.bootloader),
      teeVersion: fillPart(teeVersion, "TEEVersion", tcb.tee),
      snpVersion: fillPart(snpVersion, "SNPVersion", tcb.snp),
      microcodeVersion: fillPart(microcodeVersion, "MicrocodeVersion", tcb.microcode),
      unknown,
    };
    return { ...entry, minimumTcb };
  };
}

function fillTdx(machine: ObservedTdx): (entry: TdxReferenceValues, note: Note) => TdxReferenceValues {
  return (entry, note) => {
    const fillNumber = (value: number | null, name: string, observed: number): number => {
      if (value !== null) return value;
      note(name, String(observed));
      return observed;
    };
    const fillText = (value: string, name: string, observed: string): string => {
      if (value !== "") return value;
      note(name, observed);
      return observed;
    };
    return {
      ...entry,
      minimumQeSvn: fillNumber(entry.minimumQeSvn, "MinimumQeSvn", machine.qeSvn),
      minimumPceSvn: fillNumber(entry.minimumPceSvn, "MinimumPceSvn", machine.pceSvn),
      minimumTeeTcbSvn: fillText(entry.minimumTeeTcbSvn, "MinimumTeeTcbSvn", machine.teeTcbSvnHex),
      mrSeam: fillText(entry.mrSeam, "MrSeam", machine.mrSeamHex),
    };
  };
}
