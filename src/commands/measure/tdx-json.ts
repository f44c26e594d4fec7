import { sha256Hex } from "../../lib/digest.ts";
import type { FirmwareImage } from "../../measure/firmware-image.ts";
import type { TdxMeasurement } from "../../measure/tdx/measure-tdx.ts";
import type { PageOrder } from "../../measure/tdx/mrtd.ts";
import type { TdxBootFlags } from "./tdx-boot-choice.ts";
import type { PreparedManifest } from "./write-measured.ts";

/** What `contrast measure tdx` has found out and done. */
export interface MeasuredTdx {
  readonly firmware: FirmwareImage;
  readonly order: PageOrder;
  readonly boot: TdxBootFlags | undefined;
  readonly measurement: TdxMeasurement;
  readonly listsEvents: boolean;
  readonly prepared: PreparedManifest | undefined;
}

/** The members of the JSON result: registers first, then every input by digest, as `measure snp` names them. */
export function measuredTdxJson(result: MeasuredTdx): Readonly<Record<string, unknown>> {
  const { measurement, firmware, order, boot, prepared } = result;
  const { mrtd, rtmrs, unknown, events } = measurement;
  return {
    mrTd: mrtd.toHex(),
    rtmrs: rtmrs.map((value) => value?.toHex() ?? null),
    ...(unknown === undefined ? {} : { unknown }),
    inputs: {
      firmware: { path: firmware.path, sizeBytes: firmware.bytes.length, sha256: sha256Hex(firmware.bytes) },
      ...(boot === undefined ? {} : bootJson(boot)),
      pageOrder: order,
    },
    ...(result.listsEvents ? { events: events.map((event) => ({ ...event, digest: event.digest.toHex() })) } : {}),
    ...(prepared === undefined ? {} : { written: { path: prepared.path, set: prepared.set } }),
  };
}

function bootJson(boot: TdxBootFlags): Readonly<Record<string, unknown>> {
  const { kernel, initrd, initrdPath, initrdAddress, commandLine, acpi, memory, patchesKernel, without } = boot;
  return {
    kernel: { path: kernel.path, sha256: sha256Hex(kernel.bytes) },
    ...(initrd === undefined ? {} : { initrd: { path: initrdPath, sha256: sha256Hex(initrd) } }),
    commandLine: { text: commandLine, sha256WithNul: sha256Hex(`${commandLine}\0`) },
    ...(acpi === undefined
      ? {}
      : {
          acpiFiles: [["etc/table-loader", acpi.loader] as const, ...acpi.files].map(([path, bytes]) => ({
            path,
            sha256: sha256Hex(bytes),
          })),
        }),
    memoryBytes: memory.lowBytes + memory.highBytes,
    kernelHeader: patchesKernel ? "patched" : "file",
    ...(initrdAddress === undefined ? {} : { initrdAddress: `0x${initrdAddress.toString(16)}` }),
    without: [...without],
  };
}
