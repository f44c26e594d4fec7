import type { KeyObject } from "node:crypto";
import { ContrastError } from "../lib/errors.ts";
import type { PemBlock } from "../pki/pem-block.ts";

/**
 * Reads a key with the platform's decoder and hides its error, whose text may quote parts of the file.
 *
 * @throws ContrastError `manifest/key-file-invalid`
 */
export function keyFromBlock(what: string, block: PemBlock, read: (der: Uint8Array) => KeyObject): KeyObject {
  try {
    return read(block.der);
  } catch {
    throw new ContrastError(
      "manifest/key-file-invalid",
      `Cannot read ${what}: the ${block.type} block holds no valid key`,
    );
  }
}

/** The error for a block of a type that no owner key has. */
export function unsupportedBlock(what: string, block: PemBlock, wanted: string): ContrastError {
  return new ContrastError(
    "manifest/key-file-invalid",
    `Cannot read ${what}: unsupported PEM block type: ${block.type}, need ${wanted}`,
    { details: { actual: block.type } },
  );
}

/** The error for a readable key of the wrong algorithm. */
export function wrongKey(what: string, key: KeyObject, wanted: string): ContrastError {
  const actual = key.asymmetricKeyType ?? "unknown";
  return new ContrastError(
    "manifest/key-file-invalid",
    `Cannot use ${what}: got a key of type ${actual}, need ${wanted}`,
  );
}
