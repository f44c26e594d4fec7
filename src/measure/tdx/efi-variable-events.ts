import { guidBytes } from "../guid-bytes.ts";
import { hashedEvent, type MeasuredEvent } from "./measured-event.ts";
import { encodeUtf16 } from "./utf16.ts";

const GLOBAL_GUID = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const DATABASE_GUID = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/** The variables of Secure Boot that are measured, in this order. */
const SECURE_BOOT_VARIABLES: readonly (readonly [name: string, guid: string])[] = [
  ["SecureBoot", GLOBAL_GUID],
  ["PK", GLOBAL_GUID],
  ["KEK", GLOBAL_GUID],
  ["db", DATABASE_GUID],
  ["dbx", DATABASE_GUID],
];

/**
 * The variables of Secure Boot of a firmware without enrolled keys, and the separator behind them.
 *
 * @param knowsSecureBoot whether the firmware was built with Secure Boot: it then has a variable `SecureBoot` that holds 0,
 *   otherwise no such variable
 * @see tianocore/edk2 `OvmfPkg/Tcg/TdTcg2Dxe/TdTcg2Dxe.c`; TCG PC Client Platform Firmware Profile, UEFI_VARIABLE_DATA
 */
export function secureBootEvents(knowsSecureBoot: boolean): readonly MeasuredEvent[] {
  const events = SECURE_BOOT_VARIABLES.map(([name, guid]) => {
    const zeros = name === "SecureBoot" && knowsSecureBoot ? 1 : 0;
    return hashedEvent(
      {
        register: 0,
        type: "EV_EFI_VARIABLE_DRIVER_CONFIG",
        what: `variable ${name}, ${zeros === 0 ? "empty" : "off"}`,
        digestOf: "GUID, lengths, name in UTF-16 and content of the variable",
      },
      variableData(guid, name, zeros),
    );
  });
  return [...events, separatorEvent(0)];
}

/** Four zeros: ends a phase of the boot. */
export function separatorEvent(register: 0 | 1): MeasuredEvent {
  return hashedEvent(
    { register, type: "EV_SEPARATOR", what: "separator", digestOf: "4 zero bytes" },
    new Uint8Array(4),
  );
}

/**
 *     offset  size  field
 *          0    16  GUID of the vendor
 *         16     8  characters of the name, little-endian
 *         24     8  bytes of the content, little-endian
 *         32        name in UTF-16 without a final zero, then the content, here zeros
 */
function variableData(guid: string, name: string, zeros: number): Uint8Array {
  const encodedName = encodeUtf16(name);
  const bytes = new Uint8Array(32 + encodedName.length + zeros);
  const view = new DataView(bytes.buffer);
  bytes.set(guidBytes(guid));
  view.setBigUint64(16, BigInt(name.length), true);
  view.setBigUint64(24, BigInt(zeros), true);
  bytes.set(encodedName, 32);
  return bytes;
}
