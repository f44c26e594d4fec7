/** Bytes that can stand in hexadecimal or base64 text. */
const TEXT = /^[A-Za-z0-9+/=_\-\s]+$/;

/** Evidence is at most some 100 KiB; longer text is none. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Decodes bytes that are hexadecimal or base64 text.
 *
 * @returns undefined for anything else
 */
export function decodeText(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > MAX_CHARACTERS) return undefined;
  const text = new TextDecoder("latin1").decode(bytes);
  if (!TEXT.test(text)) return undefined;
  const packed = text.replaceAll(/\s/g, "");
  try {
    if (/^(?:[0-9A-Fa-f]{2})+$/.test(packed)) return Uint8Array.fromHex(packed);
    return Uint8Array.fromBase64(packed, { alphabet: /[-_]/.test(packed) ? "base64url" : "base64" });
  } catch {
    return undefined;
  }
}
