import type { FirmwareImage } from "../firmware-image.ts";
import { parseGuidTable } from "../guid-table.ts";
import { type MeasuredEvent, replayRegister } from "./measured-event.ts";
import { measureMrtd, type PageOrder } from "./mrtd.ts";
import { runtimeEvents, type TdxBoot } from "./runtime-events.ts";
import { SHA384_BYTES } from "./sha384-of.ts";
import { parseTdvfMetadata } from "./tdvf-metadata.ts";

/** What a TDX guest is measured by; registers are 48 bytes. */
export interface TdxMeasurement {
  readonly mrtd: Uint8Array;
  /** RTMR0 to RTMR3; `undefined` for those that cannot be computed from what is known. RTMR3 is zero at launch. */
  readonly rtmrs: readonly [Rtmr, Rtmr, Rtmr, Uint8Array];
  /** Why registers cannot be computed, where some cannot. */
  readonly unknown: "kernel" | "acpi" | "boot-options" | "fw-cfg" | undefined;
  /** In order; empty if nothing of the boot is known. */
  readonly events: readonly MeasuredEvent[];
}

type Rtmr = Uint8Array | undefined;

/**
 * Computes the registers of a TDX guest.
 *
 * @param boot what the guest starts; without it, only MRTD and RTMR3 are known
 * @throws ContrastError `measure/*`
 */
export function measureTdx(
  firmware: FirmwareImage,
  order: PageOrder,
  boot?: Omit<TdxBoot, "firmware" | "sections">,
): TdxMeasurement {
  const sections = parseTdvfMetadata(firmware, parseGuidTable(firmware));
  const mrtd = measureMrtd(sections, order);
  // Nothing extends it before the workload, and nothing of Contrast's guest does later.
  const rtmr3 = new Uint8Array(SHA384_BYTES);
  if (boot === undefined)
    return { mrtd, rtmrs: [undefined, undefined, undefined, rtmr3], unknown: "kernel", events: [] };
  const { events, unknown } = runtimeEvents({ ...boot, firmware, sections });
  return {
    mrtd,
    rtmrs: [
      unknown === undefined ? replayRegister(events, 0) : undefined,
      replayRegister(events, 1),
      replayRegister(events, 2),
      rtmr3,
    ],
    unknown,
    events,
  };
}
