/**
 * SHA-256 of a whole message, written into a buffer of the caller; the fastest way that the platform has for short
 * messages.
 *
 * @param message not modified
 * @param digest exactly 32 bytes
 */
export function sha256Into(message: Uint8Array, digest: Uint8Array): void {
  // oxlint-disable-next-line no-restricted-globals -- the one adapter around the platform's one-shot hash
  Bun.SHA256.hash(message as Uint8Array<ArrayBuffer>, digest as Uint8Array<ArrayBuffer>);
}
