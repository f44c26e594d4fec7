import { ContrastError } from "../lib/errors.ts";

/** One block of a PEM file. */
export interface PemBlock {
  /** The words between BEGIN or END and the dashes, such as `EC PRIVATE KEY`. */
  readonly type: string;
  /** The decoded bytes; secret when the type says so. */
  readonly der: Uint8Array;
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)^-----END \1-----[ \t]*(?:\r?\n|$)/m;
const MAX_PEM_CHARACTERS = 1024 * 1024;

/**
 * Reads the first PEM block of a text; text around it is allowed, headers inside the block are not.
 *
 * @param text at most 1 MiB
 * @param what named in messages, such as `workload owner key "key.pem"`; the text itself is never quoted
 * @throws ContrastError `pki/pem-missing`
 * @see RFC 7468
 */
export function parsePemBlock(text: string, what: string): PemBlock {
  const match = text.length <= MAX_PEM_CHARACTERS ? BLOCK.exec(text) : null;
  const [, type, body] = match ?? [];
  if (type === undefined || body === undefined) {
    throw new ContrastError("pki/pem-missing", `Cannot read ${what}: no PEM block found`);
  }
  try {
    return { type, der: Uint8Array.fromBase64(body, { lastChunkHandling: "strict" }) };
  } catch {
    // The cause would quote the text, which may be secret.
    throw new ContrastError("pki/pem-missing", `Cannot read ${what}: the ${type} block is not valid base64`);
  }
}
