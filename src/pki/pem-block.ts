import { ContrastError } from "../lib/errors.ts";

/** One block of a PEM file. */
export interface PemBlock {
  /** The words between BEGIN or END and the dashes, such as `EC PRIVATE KEY`. */
  readonly type: string;
  /** The decoded bytes; secret when the type says so. */
  readonly der: Uint8Array;
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)^-----END \1-----[ \t]*(?:\r?\n|$)/m;
const EVERY_BLOCK = new RegExp(BLOCK, "gm");
const EVERY_BEGIN = /-----BEGIN /g;
const MAX_PEM_CHARACTERS = 1024 * 1024;
const MAX_PEM_FILE_CHARACTERS = 16 * 1024 * 1024;
const LINE = /.{1,64}/g;

/**
 * Reads the first PEM block of a text; text around it is allowed, headers inside the block are not.
 *
 * @param text at most 1 MiB
 * @param what named in messages, such as `workload owner key "key.pem"`; the text itself is never quoted
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid` for a block that is not base64
 * @see RFC 7468
 */
export function parsePemBlock(text: string, what: string): PemBlock {
  const match = text.length <= MAX_PEM_CHARACTERS ? BLOCK.exec(text) : null;
  const [, type, body] = match ?? [];
  if (type === undefined || body === undefined) {
    throw new ContrastError("pki/pem-missing", `Cannot read ${what}: no PEM block found`);
  }
  const der = decodeBody(body);
  if (der !== undefined) return { type, der };
  throw invalidPem(what, `the ${type} block is not valid base64`);
}

/**
 * Reads all PEM blocks of a text. Text around them is allowed; every block that begins must be well-formed.
 *
 * @param text at most 16 MiB
 * @param what named in messages
 * @param max how many blocks the text may have
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid`
 * @see RFC 7468
 */
export function parsePemBlocks(text: string, what: string, max: number): readonly [PemBlock, ...PemBlock[]] {
  if (text.length > MAX_PEM_FILE_CHARACTERS) {
    throw invalidPem(what, `got ${text.length} characters, want at most ${MAX_PEM_FILE_CHARACTERS}`);
  }
  const begun = text.match(EVERY_BEGIN)?.length ?? 0;
  if (begun > max) throw invalidPem(what, `got ${begun} PEM blocks, want at most ${max}`);
  const blocks = Array.from(text.matchAll(EVERY_BLOCK), ([, type = "", body = ""]) => {
    const der = decodeBody(body);
    if (der === undefined) throw invalidPem(what, `a ${type} block is not valid base64`);
    return { type, der };
  });
  const [first, ...others] = blocks;
  if (begun !== blocks.length) throw invalidPem(what, "a PEM block has no end, or holds other characters than base64");
  if (first === undefined) throw new ContrastError("pki/pem-missing", `Cannot read ${what}: no PEM block found`);
  return [first, ...others];
}

/** One PEM block with lines of 64 characters and a line break at its end. */
export function encodePem(type: string, der: Uint8Array): string {
  const lines = der.toBase64().match(LINE) ?? [];
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ""].join("\n");
}

/** Undefined for what is not base64; the platform's error would quote the text, which may be secret. */
function decodeBody(body: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(body, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}

function invalidPem(what: string, fact: string): ContrastError {
  return new ContrastError("pki/pem-invalid", `Cannot read ${what}: ${fact}`);
}
