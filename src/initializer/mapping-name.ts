import { sha256Hex } from "../lib/digest.ts";

const NAME_DIGITS = 16;

/**
 * The name under which the device mapper knows an opened volume: the same at each start, another one for each device and
 * mount point.
 *
 * @returns 16 lower-case hexadecimal digits
 * @see edgelesssys/contrast `initializer/cryptsetup.go`
 */
export function mappingName(devicePath: string, mountPoint: string): string {
  return sha256Hex(devicePath + mountPoint).slice(0, NAME_DIGITS);
}
