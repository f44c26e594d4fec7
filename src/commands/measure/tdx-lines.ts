import type { MeasuredEvent } from "../../measure/tdx/measured-event.ts";
import type { TdxMeasurement } from "../../measure/tdx/measure-tdx.ts";

/** The registers of a guest, one a line, and what is missing for those that are not known. */
export function registerLines(measurement: TdxMeasurement): readonly string[] {
  const missing = `not computed. ${missingRegisters(measurement)}`;
  return [
    `MRTD   ${measurement.mrtd.toHex()}`,
    ...measurement.rtmrs.map((value, index) => `RTMR${index}  ${value?.toHex() ?? missing}`),
  ];
}

/** What to do about registers that are not known; empty if all are. */
export function missingRegisters({ unknown }: TdxMeasurement): string {
  return unknown === undefined ? "" : ADVICE[unknown];
}

const ADVICE: Readonly<Record<NonNullable<TdxMeasurement["unknown"]>, string>> = {
  kernel: "Give the kernel and its memory with --kernel and --memory",
  acpi: "Give the ACPI tables of such a guest with --acpi-tables; docs/measure.md tells how to get them",
  "boot-options":
    "The firmware has boot options besides its menu, which nobody has compared: take RTMR0 from a quote of a guest that you checked, or other firmware",
  "fw-cfg":
    "The firmware measures more of what QEMU hands it (fw_cfg) than can be computed: take RTMR0 from a quote of a guest that you checked, or firmware without that",
};

/** What extends the registers, in order: two lines for each. */
export function eventLines(events: readonly MeasuredEvent[]): readonly string[] {
  return events.flatMap(({ register, type, what, digestOf, digest }, index) => [
    `${String(index + 1).padStart(2)}  RTMR${register}  ${type}: ${what}`,
    `    ${digest.toHex()}  SHA-384 of: ${digestOf}`,
  ]);
}
