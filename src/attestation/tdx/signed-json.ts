import { ContrastError, messageOf } from "../../lib/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../lib/json.ts";
import { type JsonSpan, objectMembers } from "./json-members.ts";

/** A document as Intel's service wraps it, not yet verified. */
export interface SignedJson {
  /** The bytes that are signed: the value of the inner member, exactly as it was received. */
  readonly signedBytes: Uint8Array;
  /** The same as a value. */
  readonly document: Json;
  /** r then s, 64 bytes. */
  readonly signature: Uint8Array;
}

const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 16 };

/**
 * Reads `{"<member>":{…},"signature":"<128 hexadecimal digits>"}`. The signed bytes are cut out of the text, because
 * encoding the document again need not give the same ones. Other members of the outer object are ignored.
 *
 * @param body UTF-8 without byte order mark, at most 1 MiB and 16 levels; keys that stand twice in an object are refused
 * @param member `tcbInfo` or `enclaveIdentity`
 * @throws ContrastError `tdx/collateral-invalid`
 * @see Intel PCS API v4, Get TDX TCB Info
 */
export function parseSignedJson(body: Uint8Array, member: string, what: string): SignedJson {
  if (body.length > LIMITS.maxBytes) throw invalid(what, `got ${body.length} bytes, limit ${LIMITS.maxBytes}`);
  const text = decodeUtf8(body, what);
  const { value, members } = parseMembers(text, what);
  const span = members.get(member);
  const signatureSpan = members.get("signature");
  if (span === undefined) throw invalid(what, `the member "${member}" is missing`);
  if (signatureSpan === undefined) throw invalid(what, 'the member "signature" is missing');
  const signed = text.slice(span.begin, span.end);
  const [, digits] = /^"([0-9a-fA-F]{128})"$/.exec(text.slice(signatureSpan.begin, signatureSpan.end)) ?? [];
  if (digits === undefined) throw invalid(what, "the signature is not a string of 128 hexadecimal digits");
  return {
    signedBytes: new TextEncoder().encode(signed),
    document: value[member] ?? null,
    signature: Uint8Array.fromHex(digits),
  };
}

function decodeUtf8(body: Uint8Array, what: string): string {
  try {
    // A byte order mark stays in the text, where it is no JSON.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    throw new ContrastError("tdx/collateral-invalid", `Cannot read ${what}: not UTF-8`, { cause: error });
  }
}

/** The parser decides what is JSON; the scan finds where members stand and repeated keys, which the parser overlooks. */
function parseMembers(text: string, what: string): { value: JsonObject; members: ReadonlyMap<string, JsonSpan> } {
  const value = inRoom(() => parseJson(text, what, LIMITS), what);
  if (!isJsonObject(value)) throw invalid(what, "not an object");
  return { value, members: inRoom(() => objectMembers(text, value), what) };
}

function inRoom<T>(parse: () => T, what: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    throw invalid(what, messageOf(error), error);
  }
}

function invalid(what: string, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("tdx/collateral-invalid", `Cannot read ${what}: ${fact}`, { cause });
}
