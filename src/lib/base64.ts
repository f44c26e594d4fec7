/** Standard base64 with padding (RFC 4648, section 4) of bytes or of the UTF-8 form of a text. */
export function encodeBase64(data: Uint8Array | string): string {
  return (
    typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  ).toString("base64");
}

/**
 * Decodes standard base64; line breaks are skipped, as Kubernetes does for Secrets.
 *
 * @returns undefined for anything that is not base64 with its padding
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) return undefined;
  return new Uint8Array(Buffer.from(compact, "base64"));
}
