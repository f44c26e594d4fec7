import { ContrastError } from "../../lib/errors.ts";
import { hexOffset } from "../guid-table.ts";
import { readGuidText } from "../guid-bytes.ts";

/** GUID of a store whose variables carry what is needed for signed changes. */
const AUTHENTICATED_STORE = "aaf32c78-947b-439a-a180-2e144ec37792";

const VOLUME_HEADER_LENGTH_OFFSET = 48;
const STORE_HEADER_BYTES = 28;
const VARIABLE_HEADER_BYTES = 60;
const VARIABLE_START = 0x55aa;

/** States of a variable that counts: written, or about to be replaced. */
const LIVE_STATES: ReadonlySet<number> = new Set([0x3f, 0x3e]);

/**
 * Names of the variables that a configuration volume brings along. A volume of another kind, or one that is all ones or
 * zeros, brings none.
 *
 * @throws ContrastError `measure/variable-store-invalid`
 * @see tianocore/edk2 `MdeModulePkg/Include/Guid/VariableFormat.h`
 */
export function storedVariables(volume: Uint8Array): readonly string[] {
  if (isBlank(volume)) return [];
  const view = new DataView(volume.buffer, volume.byteOffset, volume.byteLength);
  const start = volume.length < VARIABLE_HEADER_BYTES ? 0 : view.getUint16(VOLUME_HEADER_LENGTH_OFFSET, true);
  if (start === 0 || start + STORE_HEADER_BYTES > volume.length) throw invalidStore(0, "no volume header");
  const store = readGuidText(volume, start);
  if (store !== AUTHENTICATED_STORE) throw invalidStore(start, `store of kind ${store}`);
  const end = start + view.getUint32(start + 16, true);
  if (end > volume.length) throw invalidStore(start, "the store ends behind the volume");
  const names: string[] = [];
  for (let at = start + STORE_HEADER_BYTES; at + VARIABLE_HEADER_BYTES <= end;) {
    // Behind the last variable all is ones.
    if (view.getUint16(at, true) !== VARIABLE_START) break;
    const nameBytes = view.getUint32(at + 36, true);
    const next = at + VARIABLE_HEADER_BYTES + nameBytes + view.getUint32(at + 40, true);
    if (next > end) throw invalidStore(at, "a variable ends behind the store");
    const name = volume.subarray(at + VARIABLE_HEADER_BYTES, at + VARIABLE_HEADER_BYTES + nameBytes);
    if (LIVE_STATES.has(view.getUint8(at + 2))) names.push(new TextDecoder("utf-16le").decode(name).replace(/\0$/, ""));
    at = Math.ceil(next / 4) * 4;
  }
  return names;
}

function isBlank(volume: Uint8Array): boolean {
  const first = volume[0] ?? 0;
  return (first === 0 || first === 0xff) && volume.every((byte) => byte === first);
}

function invalidStore(offset: number, fact: string): ContrastError {
  return new ContrastError(
    "measure/variable-store-invalid",
    `Cannot read the variables of the firmware: offset ${hexOffset(offset)} of the configuration volume: ${fact}`,
    { hint: "Get the image again; it is damaged.", details: { offset } },
  );
}
