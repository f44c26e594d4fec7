import { guidBytes } from "../guid-bytes.ts";
import { hashedEvent, type MeasuredEvent } from "./measured-event.ts";
import { encodeUtf16 } from "./utf16.ts";

/** The one boot option that OVMF has when the kernel comes from QEMU: its own menu. */
export interface MenuOption {
  /** As the firmware names it, such as `UiApp`. */
  readonly description: string;
  /** Name of the firmware volume that the menu stands in. */
  readonly volumeGuid: string;
  readonly fileGuid: string;
}

/** The menu as OVMF has it. */
export const OVMF_MENU: MenuOption = {
  description: "UiApp",
  volumeGuid: "7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1",
  fileGuid: "462caa21-7614-4503-836e-8ab6f4662331",
};

/** LOAD_OPTION_ACTIVE, _HIDDEN, _CATEGORY_APP. */
const MENU_ATTRIBUTES = 0x109;

/** Device path of a firmware volume, of a file in it, and the end of the path: type, sub-type, length (2 bytes). */
const VOLUME_NODE = Uint8Array.of(4, 7, 20, 0);
const FILE_NODE = Uint8Array.of(4, 6, 20, 0);
const END_NODE = Uint8Array.of(0x7f, 0xff, 4, 0);

/**
 * BootOrder and Boot0000, of which only the content is hashed.
 *
 * @see UEFI specification, EFI_LOAD_OPTION
 */
export function bootOptionEvents(menu: MenuOption): readonly MeasuredEvent[] {
  return [
    hashedEvent(
      {
        register: 0,
        type: "EV_EFI_VARIABLE_BOOT",
        what: "variable BootOrder: 0000",
        digestOf: "content of the variable",
      },
      new Uint8Array(2),
    ),
    hashedEvent(
      {
        register: 0,
        type: "EV_EFI_VARIABLE_BOOT",
        what: `variable Boot0000: ${menu.description} of the firmware`,
        digestOf: "content of the variable",
      },
      ...encodeMenu(menu),
    ),
  ];
}

/** A step of the boot that is measured by its name. */
export function actionEvent(what: string): MeasuredEvent {
  return hashedEvent(
    { register: 1, type: "EV_EFI_ACTION", what, digestOf: "the text" },
    new TextEncoder().encode(what),
  );
}

function encodeMenu({ description, volumeGuid, fileGuid }: MenuOption): readonly Uint8Array[] {
  const path = [VOLUME_NODE, guidBytes(volumeGuid), FILE_NODE, guidBytes(fileGuid), END_NODE];
  const head = new Uint8Array(6);
  const view = new DataView(head.buffer);
  view.setUint32(0, MENU_ATTRIBUTES, true);
  view.setUint16(
    4,
    path.reduce((sum, { length }) => sum + length, 0),
    true,
  );
  return [head, encodeUtf16(`${description}\0`), ...path];
}
