import { decodeBase64 } from "../lib/base64.ts";
import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { decodeUtf8 } from "../lib/files.ts";
import { assertPolicySize } from "../rego/policy-text.ts";
import type { FoundPolicy } from "./found-policy.ts";
import { POLICY_MEMBER } from "./initdata/initdata.ts";
import { decodeInitdataAnnotation } from "./initdata/initdata-annotation.ts";
import { initdataDigests } from "./initdata/initdata-digests.ts";
import { parseInitdata } from "./initdata/parse-initdata.ts";

/** A policy text with what follows from its bytes alone. */
export type DecodedPolicy = Pick<FoundPolicy, "carrier" | "text" | "hashHex">;

/** Forms of bytes that hold policies. */
export type PolicyForm = "rego" | "toml" | "base64" | "yaml";

/** How much of a file is looked at to tell its form. */
const TELLING_BYTES = 1024 * 1024;

/** Fewer characters are no policy in base64, but may be a word of YAML. */
const MIN_BASE64 = 64;

/** Tells the form of bytes by lines that no other form has; what has none of them is read as YAML. */
export function policyFormOf(bytes: Uint8Array): PolicyForm {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, TELLING_BYTES));
  if (/^[ \t]*\[data\][ \t]*\r?$/m.test(start) && /^[ \t]*algorithm[ \t]*=/m.test(start)) return "toml";
  if (/^(?:\u00ef\u00bb\u00bf)?package[ \t]+[A-Za-z_]/m.test(start)) return "rego";
  return start.length >= MIN_BASE64 && /^[A-Za-z0-9+/=\r\n]+$/.test(start) ? "base64" : "yaml";
}

/**
 * Reads a policy text out of the form that a file gave it.
 *
 * @throws ContrastError `rego/policy-too-large`, `policy/carrier-invalid`, `lib/text-not-utf8`, and the codes of reading
 *   initdata
 */
export function decodePolicy(bytes: Uint8Array, form: Exclude<PolicyForm, "yaml">): DecodedPolicy {
  if (form === "rego") return decodePolicyText(bytes);
  const text = decodeUtf8(bytes, "policy");
  return form === "toml" ? decodeDocument(text) : decodeAnnotation(text.trim());
}

/**
 * Reads the value of either annotation: base64 of a policy text, or base64 of gzip of the document of later versions.
 *
 * @throws ContrastError as `decodePolicy`
 */
export function decodeAnnotation(value: string): DecodedPolicy {
  const bytes = decodeBase64(value);
  if (bytes === undefined) {
    throw new ContrastError("policy/carrier-invalid", "Cannot read policy: not standard base64", {
      hint: 'The annotation was changed by hand: run "contrast generate" again.',
    });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return decodePolicyText(bytes);
  return decodeDocument(decodeInitdataAnnotation(value, "initdata"));
}

function decodePolicyText(bytes: Uint8Array): DecodedPolicy {
  const text = decodeUtf8(bytes, "policy");
  assertPolicySize(text);
  return { carrier: "text", text, hashHex: sha256Hex(bytes) };
}

/** Guests are measured by the document, so that its digest stands in manifests. */
function decodeDocument(document: string): DecodedPolicy {
  const { algorithm, data } = parseInitdata(document, "initdata");
  const text = data.get(POLICY_MEMBER);
  if (text === undefined) {
    throw new ContrastError("policy/carrier-invalid", `Cannot read policy: the initdata has no "${POLICY_MEMBER}"`);
  }
  assertPolicySize(text);
  return { carrier: "initdata", text, hashHex: initdataDigests(document, algorithm).hostData };
}
