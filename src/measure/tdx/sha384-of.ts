import { createHash } from "node:crypto";

/** Bytes of every digest and register that Intel TDX knows. */
export const SHA384_BYTES = 48;

/** SHA-384 over the given bytes in order; 48 bytes. */
export function sha384Of(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha384");
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}
