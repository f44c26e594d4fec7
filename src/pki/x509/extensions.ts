import { ContrastError } from "../../lib/errors.ts";
import { DER_TAG, DerReader } from "../der-reader.ts";

/** One extension of a certificate, a revocation list or an entry of one. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** Content of the OCTET STRING. */
  readonly value: Uint8Array;
}

/** Object identifiers of the extensions that are looked into. */
export const EXTENSION_OID = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  crlReason: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  deltaCrlIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  certificateIssuer: "2.5.29.29",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;

/** Names of the bits of the key usage extension, in the order of their numbers. */
export const KEY_USAGE_BITS = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;

/** One purpose of a key. */
export type KeyUsageBit = (typeof KEY_USAGE_BITS)[number];

/** What the basic constraints extension says. */
export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | undefined;
}

const MAX_EXTENSIONS = 64;
const MAX_PATH_LENGTH = 255;

/**
 * Reads a SEQUENCE of extensions, each of them at most once. Two things that widely used writers do against the rules
 * are accepted: an empty list, and a `critical` that says FALSE although that is the default.
 *
 * @throws ContrastError `pki/der-invalid`
 * @see RFC 5280 section 4.2
 */
export function parseExtensions(reader: DerReader): readonly Extension[] {
  const list = reader.sequence();
  const extensions: Extension[] = [];
  while (!list.isEmpty) {
    const extension = list.sequence();
    const oid = extension.oid();
    const critical = extension.peekTag() === DER_TAG.boolean && extension.boolean();
    const value = extension.octetString();
    extension.end();
    if (extensions.some((earlier) => earlier.oid === oid)) throw list.invalid(`extension ${oid} occurs twice`);
    if (extensions.length === MAX_EXTENSIONS) throw list.invalid(`more than ${MAX_EXTENSIONS} extensions`);
    extensions.push({ oid, critical, value });
  }
  return extensions;
}

/** The extension of a type, of which there is at most one. */
export function extensionOf(holder: { readonly extensions: readonly Extension[] }, oid: string): Extension | undefined {
  return holder.extensions.find((extension) => extension.oid === oid);
}

/** @throws ContrastError `pki/der-invalid` */
export function parseBasicConstraints(value: Uint8Array, what: string): BasicConstraints {
  const outer = new DerReader(value, `basic constraints of ${what}`);
  const reader = outer.sequence();
  outer.end();
  const ca = reader.peekTag() === DER_TAG.boolean && reader.boolean();
  const pathLength = reader.isEmpty ? undefined : reader.smallInteger(MAX_PATH_LENGTH);
  reader.end();
  if (pathLength !== undefined && !ca) throw reader.invalid("a path length without CA flag");
  return { ca, pathLength };
}

/** @throws ContrastError `pki/der-invalid`, also for a key usage without any purpose */
export function parseKeyUsage(value: Uint8Array, what: string): ReadonlySet<KeyUsageBit> {
  const reader = new DerReader(value, `key usage of ${what}`);
  const names = new Set<KeyUsageBit>();
  for (const bit of reader.namedBits()) {
    const name = KEY_USAGE_BITS[bit];
    if (name === undefined) throw reader.invalid(`bit ${bit} has no meaning`);
    names.add(name);
  }
  reader.end();
  if (names.size === 0) throw reader.invalid("no bit is set");
  return names;
}

/**
 * Runs a parser and gives its `pki/der-invalid` the code of the structure that is read.
 *
 * @throws ContrastError of the code
 */
export function withStructureCode<T>(code: "pki/certificate-invalid" | "pki/crl-invalid", parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    throw new ContrastError(code, error.message, { details: error.details });
  }
}
