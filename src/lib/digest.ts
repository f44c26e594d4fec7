import { createHash } from "node:crypto";

/** SHA-256 of bytes or of the UTF-8 form of a text, as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** SHA-256 in the form of the container ecosystem: `sha256:` and 64 lower-case hexadecimal digits. */
export function sha256Digest(data: Uint8Array | string): string {
  return `sha256:${sha256Hex(data)}`;
}
