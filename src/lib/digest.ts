import { createHash, hash } from "node:crypto";

/** SHA-256 of bytes or of the UTF-8 form of a text, as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

/** SHA-256 in the form of the container ecosystem: `sha256:` and 64 lower-case hexadecimal digits. */
export function sha256Digest(data: Uint8Array | string): string {
  return `sha256:${sha256Hex(data)}`;
}

/** SHA-512 over the given bytes in order; 64 bytes. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha512");
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

/** SHA-384 of bytes; 48 bytes. */
export function sha384(data: Uint8Array): Uint8Array {
  return hash("sha384", data, "buffer");
}

/** SHA-256 of bytes or of the UTF-8 form of a text; 32 bytes. */
export function sha256Bytes(data: Uint8Array | string): Uint8Array {
  return hash("sha256", data, "buffer");
}
