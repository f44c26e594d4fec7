import { ContrastError } from "../lib/errors.ts";
import { latin1Text } from "../lib/latin1.ts";
import { DER_TAG } from "./der-reader.ts";
import { parsePemBlocks } from "./pem-block.ts";

/**
 * The structures of a file that is either one of them in DER, or a text with PEM blocks of one type.
 *
 * @param what named in messages
 * @param type of every block, such as `CERTIFICATE`
 * @param max how many blocks there may be
 * @returns in the order of the file; DER is not looked into
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid`, also for blocks of another type
 */
export function readDerOrPem(bytes: Uint8Array, what: string, type: string, max: number): readonly Uint8Array[] {
  const [tag, length = 0] = bytes;
  // A text may begin with the character 0, which is the tag of a SEQUENCE; it goes on with a character of ASCII.
  if (tag === DER_TAG.sequence && length >= 0x80) return [bytes];
  return parsePemBlocks(latin1Text(bytes), what, max).map((block) => {
    if (block.type === type) return block.der;
    throw new ContrastError("pki/pem-invalid", `Cannot read ${what}: got a block of type ${block.type}, want ${type}`);
  });
}
