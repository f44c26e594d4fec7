import { createHash } from "node:crypto";
import { joinBytes } from "../lib/byte-stream.ts";
import { randomOctets } from "../lib/random.ts";

/**
 * Verifiers insist on the vendors' names in certificates, so simulated ones bear them too. What no verifier looks into
 * says what they are: identifiers of chips and serial numbers begin with this, in ASCII.
 */
const MARK = new TextEncoder().encode("SANDBOX");

/** An identifier that begins with the mark; the rest is random. @param size in bytes, above 7 */
export function markedIdentifier(size: number): Uint8Array {
  return joinBytes([MARK, randomOctets(size - MARK.length)]);
}

/** A serial number of 20 bytes that begins with the mark. */
export function markedSerial(): bigint {
  return BigInt(`0x${markedIdentifier(20).toHex()}`);
}

/** What the simulated guest image measures, 48 bytes: SHA-384 of words, since there is no image. */
export function simulatedMeasurement(part: string): Uint8Array {
  return new Uint8Array(createHash("sha384").update(`contrast sandbox: ${part}`).digest());
}
