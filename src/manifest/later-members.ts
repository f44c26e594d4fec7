import { ContrastError } from "../lib/errors.ts";
import type { UnknownFields } from "../lib/go-json/go-json-codec.ts";
import type { JsonNode } from "../lib/go-json/go-json-node.ts";

/** Members of later versions that are checked although the schema of version 1.4 lacks them; lower case. */
export const LATER_MEMBERS = {
  snp: ["minimummitigationvector", "platform"],
  guestPolicy: ["cxlallowed", "memaes256xts", "rapldis", "ciphertexthidingdram", "pageswapdisable"],
  platformInfo: ["tioenabled"],
  tdx: ["platform"],
} as const;

/**
 * A member that is true or false.
 *
 * @param name lower case; Go matches names in any letter case
 * @returns false where it is absent or null
 * @throws ContrastError `manifest/value-invalid`
 */
export function laterBit(unknown: UnknownFields, name: string, path: string): boolean {
  const node = memberOf(unknown, name);
  if (node === undefined || node.kind === "null") return false;
  if (node.kind === "boolean") return node.value;
  throw wrongValue(path, name, "true or false");
}

/**
 * A member that is an integer of 64 bits without sign.
 *
 * @returns undefined where it is absent or null
 * @throws ContrastError `manifest/value-invalid`
 */
export function laterUint64(unknown: UnknownFields, name: string, path: string): bigint | undefined {
  const node = memberOf(unknown, name);
  if (node === undefined || node.kind === "null") return undefined;
  const value = node.kind === "number" && /^[0-9]{1,20}$/.test(node.literal) ? BigInt(node.literal) : undefined;
  if (value === undefined || value >= 1n << 64n) throw wrongValue(path, name, "an integer of 64 bits");
  return value;
}

/** The last one counts, as for Go. */
function memberOf(unknown: UnknownFields, name: string): JsonNode | undefined {
  return [...unknown].findLast(([key]) => key.toLowerCase() === name)?.[1];
}

function wrongValue(path: string, name: string, wanted: string): ContrastError {
  return new ContrastError("manifest/value-invalid", `Cannot use ${path}.${name}: got another value, need ${wanted}`);
}
