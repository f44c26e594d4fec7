import { ContrastError } from "../../lib/errors.ts";
import { findBytes } from "../../lib/find-bytes.ts";
import type { FirmwareImage } from "../firmware-image.ts";
import { type MenuOption, OVMF_MENU } from "./boot-events.ts";
import { type FirmwareContent, listFirmwareFiles } from "./firmware-volume.ts";

/** What decides about the events of a firmware. */
export interface FirmwareFeatures {
  /** Whether it was built with Secure Boot. */
  readonly knowsSecureBoot: boolean;
  readonly menu: MenuOption;
  /** Whether it has boot options besides its menu, as OVMF of 2026; what it measures of them is not known. */
  readonly hasOtherBootOptions: boolean;
  /** Whether it measures what QEMU says about ACPI. */
  readonly measuresAcpi: boolean;
  /** Whether it measures what else QEMU hands it by fw_cfg, as OVMF does since 2025. */
  readonly measuresFwCfg: boolean;
  /** Where it adds ` initrd=initrd` to the command line of a kernel with an initrd; earlier OVMF behind it. */
  readonly initrdOption: "behind" | "before" | undefined;
}

/** TdTcg2Dxe: extends the runtime registers, and lets the kernel do so. */
const MEASURING_DRIVER = "f062221e-c607-44c2-b0b4-c3886331d351";
/** SecureBootConfigDxe. */
const SECURE_BOOT_DRIVER = "f0e6a44f-7195-41c3-ac64-54f202cd0a21";
/** The text of its events about ACPI. */
const ACPI_EVENT = "ACPI DATA";
/** The text of its events about fw_cfg. */
const FW_CFG_EVENT = "QEMU FW CFG";
/** BootManagerMenuApp: a second boot option, of later OVMF. */
const SECOND_MENU = "eec25bdc-67f2-4d95-b1d5-f81b2039d11d";

/** OVMF's drivers are 15 MiB. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/**
 * Looks into the volumes of a firmware for what its events depend on.
 *
 * @throws ContrastError `measure/firmware-unmeasured` if no driver measures: the registers would stay zero whatever is
 *   started; `measure/firmware-unreadable` if a part cannot be looked into; `measure/firmware-boot-options`
 */
export function firmwareFeatures({ path, bytes }: FirmwareImage): FirmwareFeatures {
  const content = listFirmwareFiles(bytes, MAX_UNPACKED_BYTES);
  const has = (guid: string): boolean => content.files.some((file) => file.guid === guid);
  // A driver that was not found may stand in the part that could not be read.
  if (content.isIncomplete) throw unreadable(path);
  if (!has(MEASURING_DRIVER)) throw unmeasured(path);
  const says = (text: string): boolean =>
    [bytes, ...content.unpacked].some((part) => findBytes(part, ascii(text)) !== -1);
  return {
    knowsSecureBoot: has(SECURE_BOOT_DRIVER),
    menu: menuOf(path, content),
    hasOtherBootOptions: has(SECOND_MENU),
    measuresAcpi: says(ACPI_EVENT),
    measuresFwCfg: says(FW_CFG_EVENT),
    initrdOption: initrdOptionOf(says(" initrd=initrd\0"), says("initrd=initrd \0")),
  };
}

function initrdOptionOf(isBehind: boolean, isBefore: boolean): FirmwareFeatures["initrdOption"] {
  // Of two texts, nothing tells which one is used.
  if (isBehind === isBefore) return undefined;
  return isBehind ? "behind" : "before";
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function menuOf(path: string, { files }: FirmwareContent): MenuOption {
  const menu = files.find(({ guid }) => guid === OVMF_MENU.fileGuid);
  if (menu?.name === undefined || menu.volumeGuid === undefined) {
    throw new ContrastError(
      "measure/firmware-boot-options",
      `Cannot compute RTMR0 of firmware "${path}": it has no menu (UiApp), so its boot options are not known`,
      { hint: "Take a build of OVMF with its menu.", details: { path } },
    );
  }
  return { description: menu.name, volumeGuid: menu.volumeGuid, fileGuid: menu.guid };
}

function unmeasured(path: string): ContrastError {
  return new ContrastError(
    "measure/firmware-unmeasured",
    `Cannot compute runtime registers of firmware "${path}": it has no driver that measures (TdTcg2Dxe)`,
    {
      hint: 'With this firmware RTMR0 to RTMR3 stay zero whatever kernel is started, so nothing of it is attested: take one built from "OvmfPkg/IntelTdx/IntelTdxX64.dsc".',
      details: { path },
    },
  );
}

function unreadable(path: string): ContrastError {
  return new ContrastError(
    "measure/firmware-unreadable",
    `Cannot compute runtime registers of firmware "${path}": parts of it are packed in an unknown way or damaged`,
    { hint: "Name an OVMF image whose volumes are packed with LZMA, as edk2 builds it.", details: { path } },
  );
}
