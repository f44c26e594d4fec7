import { isIPv4, isIPv6 } from "node:net";

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
/** Ten bytes 00 and two bytes ff stand before an IPv4 address that is written as IPv6. */
const MAPPED_PREFIX = "00000000000000000000ffff";

/**
 * Reads an IP address: four decimal numbers without leading zeros, or any of the forms of IPv6 without a zone. An IPv4
 * address in the form of IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
 *
 * @returns 4 or 16 bytes; undefined for everything else
 * @see RFC 4291 section 2.2; Go's `net.ParseIP`
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const bytes = ipv6Bytes(text);
  const isMapped = bytes.subarray(0, IPV6_BYTES - IPV4_BYTES).toHex() === MAPPED_PREFIX;
  return isMapped ? bytes.subarray(IPV6_BYTES - IPV4_BYTES) : bytes;
}

/** @param text known to be an IPv6 address */
function ipv6Bytes(text: string): Uint8Array {
  const [head = "", tail = ""] = text.split("::");
  const bytes = new Uint8Array(IPV6_BYTES);
  bytes.set(groupBytes(head));
  const last = groupBytes(tail);
  bytes.set(last, IPV6_BYTES - last.length);
  return bytes;
}

/** Groups of hexadecimal digits between colons; the last may be an IPv4 address. */
function groupBytes(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
