import type { JsonObject } from "../../src/lib/json.ts";
import { documentBody, signDocument } from "../../src/simulator/intel/intel-documents.ts";
import type { KeyPair } from "../../src/simulator/key-pair.ts";

export {
  isvLevel,
  moduleIdentity,
  qeIdentityDocument as usualQeIdentity,
  tcbInfoDocument as usualTcbInfo,
  tcbLevel,
} from "../../src/simulator/intel/intel-documents.ts";

/**
 * The body of an answer: the signed text stands in it exactly as it was signed.
 *
 * @param change of the inner text after it was signed
 */
export function signedBody(
  member: string,
  document: JsonObject,
  key: KeyPair,
  change: (text: string) => string = (text) => text,
): Uint8Array {
  const { text, signatureHex } = signDocument(document, key);
  return documentBody(member, { text: change(text), signatureHex });
}
