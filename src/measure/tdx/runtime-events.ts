import { ContrastError } from "../../lib/errors.ts";
import type { FirmwareImage } from "../firmware-image.ts";
import { type AcpiFiles, acpiEvents } from "./acpi-events.ts";
import { bootOptionEvents } from "./boot-events.ts";
import { secureBootEvents } from "./efi-variable-events.ts";
import { type FirmwareFeatures, firmwareFeatures } from "./firmware-features.ts";
import type { GuestMemory } from "./guest-memory.ts";
import {
  bootActionEvents,
  commandLineEvent,
  initrdEvent,
  kernelImageEvent,
  requireMeasuringStub,
} from "./kernel-events.ts";
import type { LinuxImage } from "./linux-image.ts";
import { hashedEvent, type MeasuredEvent } from "./measured-event.ts";
import { patchSetupHeader } from "./qemu-setup-header.ts";
import { encodeTdHob } from "./td-hob.ts";
import { type TdvfSection, theSection } from "./tdvf-metadata.ts";
import { storedVariables } from "./variable-store.ts";

/** Parts of RTMR0 that some builds of firmware do not measure. */
export type OptionalPart = "td-hob" | "acpi" | "fw-cfg";

/** What a guest is started with; see `contrast measure tdx --help`. */
export interface TdxBoot {
  readonly firmware: FirmwareImage;
  readonly sections: readonly TdvfSection[];
  readonly kernel: LinuxImage;
  /** Whether the hypervisor writes addresses into the kernel's header. */
  readonly patchesKernel: boolean;
  readonly initrd: Uint8Array | undefined;
  readonly initrdAddress: number | undefined;
  readonly commandLine: string;
  readonly memory: GuestMemory;
  /** Without them RTMR0 is not known, unless the firmware does not measure them. */
  readonly acpi: AcpiFiles | undefined;
  /** What the firmware was built not to measure. */
  readonly without: ReadonlySet<OptionalPart>;
}

/** What a boot extends the registers with. */
export interface RuntimeEvents {
  readonly events: readonly MeasuredEvent[];
  /** What the firmware also measures into RTMR0 and is not known; RTMR0 is not known then. */
  readonly unknown: "acpi" | "boot-options" | "fw-cfg" | undefined;
}

/** Variables that change what the firmware starts or measures, where a volume brings them along. */
const DECISIVE_VARIABLE =
  /^(?:SecureBoot.*|PK|KEK|dbx?|dbt|dbr|BootOrder|BootNext|Boot[0-9A-F]{4}|DriverOrder|Driver[0-9A-F]{4})$/;

/**
 * All that extends RTMR0, RTMR1 and RTMR2 from power-on to the start of the kernel, in order; without the ACPI tables if
 * they are not known.
 *
 * @throws ContrastError `measure/firmware-variables`, and those of the parts
 */
export function runtimeEvents(boot: TdxBoot): RuntimeEvents {
  const { firmware, kernel, initrd, commandLine } = boot;
  const features = firmwareFeatures(firmware);
  requireMeasuringStub(kernel);
  const started = boot.patchesKernel ? patchKernel(boot) : kernel.bytes;
  const actions = bootActionEvents();
  const events = [
    ...memoryEvents(boot),
    configurationEvent(boot),
    ...secureBootEvents(features.knowsSecureBoot),
    ...(features.measuresAcpi ? tableEvents(boot) : []),
    kernelImageEvent(kernel.path, started),
    ...(features.hasOtherBootOptions ? [] : bootOptionEvents(features.menu)),
    ...actions.before,
    commandLineEvent(initrd === undefined ? commandLine : withInitrdOption(boot, features)),
    ...(initrd === undefined ? [] : [initrdEvent(initrd)]),
    ...actions.after,
  ];
  return { events, unknown: unknownPart(boot, features) };
}

function unknownPart({ acpi, without }: TdxBoot, features: FirmwareFeatures): RuntimeEvents["unknown"] {
  if (features.measuresFwCfg && !without.has("fw-cfg")) return "fw-cfg";
  if (features.hasOtherBootOptions) return "boot-options";
  return features.measuresAcpi && !without.has("acpi") && acpi === undefined ? "acpi" : undefined;
}

/** OVMF adds a word, so that the kernel asks for its initrd. */
function withInitrdOption({ firmware, commandLine }: TdxBoot, { initrdOption }: FirmwareFeatures): string {
  if (initrdOption === "behind") return `${commandLine} initrd=initrd`;
  if (initrdOption === "before") return `initrd=initrd ${commandLine}`;
  throw new ContrastError(
    "measure/firmware-initrd-option",
    `Cannot compute RTMR2 of firmware "${firmware.path}": what it adds to the command line for an initrd is not known`,
    { hint: "Take a build of OVMF that starts kernels of QEMU.", details: { path: firmware.path } },
  );
}

function patchKernel({ kernel, initrd, initrdAddress, commandLine, memory }: TdxBoot): Uint8Array {
  return patchSetupHeader(kernel, {
    initrdBytes: initrd?.length ?? 0,
    commandLine,
    memory,
    ...(initrdAddress === undefined ? {} : { initrdAddress }),
  });
}

function memoryEvents({ without, sections, memory }: TdxBoot): readonly MeasuredEvent[] {
  if (without.has("td-hob")) return [];
  const hob = encodeTdHob(sections, memory);
  const ranges = `${memory.lowBytes + memory.highBytes} bytes of memory`;
  return [
    hashedEvent(
      {
        register: 0,
        type: "EV_EFI_HANDOFF_TABLES2",
        what: `TD HOB: ${ranges}`,
        digestOf: `hand-off blocks, ${hob.length} bytes`,
      },
      hob,
    ),
  ];
}

function configurationEvent({ sections, firmware }: TdxBoot): MeasuredEvent {
  const { content } = theSection(sections, "configuration");
  const decisive = storedVariables(content).find((name) => DECISIVE_VARIABLE.test(name));
  if (decisive !== undefined) {
    throw new ContrastError(
      "measure/firmware-variables",
      `Cannot compute RTMR0 of firmware "${firmware.path}": it brings the variable "${decisive}" along`,
      {
        hint: "Only firmware without enrolled keys and stored boot options can be computed; take the image with empty variables.",
        details: { path: firmware.path, variable: decisive },
      },
    );
  }
  return hashedEvent(
    {
      register: 0,
      type: "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
      what: "configuration volume of the firmware (CFV)",
      digestOf: `the volume, ${content.length} bytes`,
    },
    content,
  );
}

function tableEvents({ without, acpi }: TdxBoot): readonly MeasuredEvent[] {
  return without.has("acpi") || acpi === undefined ? [] : acpiEvents(acpi);
}
