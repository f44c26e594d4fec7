import { decodeBase64, encodeBase64 } from "../../lib/base64.ts";
import { ContrastError } from "../../lib/errors.ts";
import { decodeUtf8 } from "../../lib/files.ts";
import { gunzipMember, gzip } from "../../lib/gzip.ts";
import { MAX_INITDATA_BYTES } from "./initdata.ts";

/** The value of `INITDATA_ANNOTATION`: base64 of gzip of the document; the same for the same document on every computer. */
export function encodeInitdataAnnotation(document: string): string {
  return encodeBase64(gzip(new TextEncoder().encode(document)));
}

/**
 * The document that an annotation carries, not parsed yet: its digest is that of these bytes.
 *
 * @param what named in messages
 * @throws ContrastError `policy/initdata-invalid`, `lib/text-not-utf8`
 */
export function decodeInitdataAnnotation(annotation: string, what: string): string {
  const packed = decodeBase64(annotation);
  if (packed === undefined) throw invalid(what, "not standard base64");
  const bytes = gunzipMember(packed, MAX_INITDATA_BYTES);
  if (bytes === undefined) throw invalid(what, `not one gzip member of at most ${MAX_INITDATA_BYTES} bytes`);
  return decodeUtf8(bytes, what);
}

function invalid(what: string, fact: string): ContrastError {
  return new ContrastError("policy/initdata-invalid", `Cannot read ${what}: ${fact}`);
}
