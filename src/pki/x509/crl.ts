import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { DER_TAG, DerReader } from "../der-reader.ts";
import { type Extension, EXTENSION_OID, parseExtensions, withStructureCode } from "./extensions.ts";
import { parseAuthorityKeyId } from "./key-identifier.ts";
import { type Name, parseName } from "./name.ts";
import type { SignatureAlgorithm } from "./signature-algorithm.ts";
import { openSigned, parseSerial, readSignatureAlgorithm } from "./signed-structure.ts";

/** A certificate revocation list; nothing of it is verified. */
export interface Crl {
  readonly der: Uint8Array;
  /** Always 2. */
  readonly version: number;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** By serial number, written as `Certificate.serialHex` is. */
  readonly revoked: ReadonlyMap<string, Revocation>;
  readonly extensions: readonly Extension[];
  /** What the signature covers. */
  readonly tbsDer: Uint8Array;
  readonly signature: Uint8Array;
}

/** When and why a certificate was revoked. */
export interface Revocation {
  readonly revokedAt: Date;
  /** Name of the reason as RFC 5280 writes it, such as `keyCompromise`. */
  readonly reason: string | undefined;
}

const MAX_CRL_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 100_000;
const REASONS = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  undefined,
  undefined, // removeFromCRL, which only stands in lists of changes
  "privilegeWithdrawn",
  "aACompromise",
] as const;

const KNOWN_EXTENSIONS: readonly string[] = [
  EXTENSION_OID.crlNumber,
  EXTENSION_OID.authorityKeyIdentifier,
  EXTENSION_OID.issuingDistributionPoint,
];
/** Where the list is to be found; all other members of an issuing distribution point say what the list leaves out. */
const DISTRIBUTION_POINT_TAG = 0xa0;
/** What an entry without extensions means, written out. */
const NO_EXTENSIONS = Uint8Array.of(DER_TAG.sequence, 0);
const KNOWN_ENTRY_EXTENSIONS: readonly string[] = [EXTENSION_OID.crlReason, EXTENSION_OID.invalidityDate];

/**
 * Reads one certificate revocation list of version 2 in DER and nothing after it. Lists of changes, lists of a part of
 * the certificates and lists about certificates of other issuers are refused, and so are unknown critical extensions.
 *
 * @param der at most 8 MiB with at most 100,000 entries; copied
 * @param what named in messages, such as `CRL of Milan`
 * @throws ContrastError `pki/crl-invalid`
 * @see RFC 5280 section 5
 */
export function parseCrl(der: Uint8Array, what: string): Crl {
  if (der.length > MAX_CRL_BYTES) {
    throw new ContrastError(
      "pki/crl-invalid",
      `Cannot read ${what}: got ${der.length} bytes, want at most ${MAX_CRL_BYTES}`,
    );
  }
  return withStructureCode("pki/crl-invalid", () => readCrl(new Uint8Array(der), what));
}

function readCrl(der: Uint8Array, what: string): Crl {
  const structure = openSigned(der, what);
  const { tbs, signature } = structure;
  if (tbs.smallInteger(1) !== 1) throw tbs.invalid("got a list of version 1, want version 2");
  const signatureAlgorithm = readSignatureAlgorithm(structure);
  const issuer = parseName(tbs);
  const thisUpdate = tbs.time();
  const hasNextUpdate = tbs.peekTag() === DER_TAG.utcTime || tbs.peekTag() === DER_TAG.generalizedTime;
  const nextUpdate = hasNextUpdate ? tbs.time() : undefined;
  const revoked = tbs.peekTag() === DER_TAG.sequence ? readEntries(tbs.sequence()) : new Map<string, Revocation>();
  const wrapped = tbs.explicit(0);
  const extensions = wrapped === undefined ? [] : parseExtensions(wrapped);
  wrapped?.end();
  tbs.end();

  requireKnown(tbs, extensions, KNOWN_EXTENSIONS);
  for (const { oid, value } of extensions) requireWholeList(tbs, oid, value);
  const tbsDer = tbs.der;
  return {
    der,
    version: 2,
    signatureAlgorithm,
    issuer,
    thisUpdate,
    nextUpdate,
    revoked,
    extensions,
    tbsDer,
    signature,
  };
}

function readEntries(entries: DerReader): ReadonlyMap<string, Revocation> {
  const revoked = new Map<string, Revocation>();
  let last: { extensions: Uint8Array; reason: string | undefined } = {
    extensions: NO_EXTENSIONS,
    reason: readEntryReason(NO_EXTENSIONS),
  };
  for (let count = 0; !entries.isEmpty; count++) {
    if (count === MAX_ENTRIES) throw entries.invalid(`more than ${MAX_ENTRIES} entries`);
    const entry = entries.sequence();
    const serialHex = parseSerial(entry);
    const revokedAt = entry.time();
    const extensions = entry.isEmpty ? NO_EXTENSIONS : entry.expect(DER_TAG.sequence).der;
    entry.end();
    // Entries of one list mostly end alike, and equal bytes say the same.
    if (!sameBytes(extensions, last.extensions)) last = { extensions, reason: readEntryReason(extensions) };
    const first = revoked.get(serialHex);
    if (first === undefined || revokedAt < first.revokedAt) {
      revoked.set(serialHex, { revokedAt, reason: last.reason });
    }
  }
  return revoked;
}

/** @param der the SEQUENCE of extensions of an entry */
function readEntryReason(der: Uint8Array): string | undefined {
  const reader = new DerReader(der, "extensions of an entry");
  const extensions = parseExtensions(reader);
  reader.end();
  requireKnown(reader, extensions, KNOWN_ENTRY_EXTENSIONS);
  return readReason(extensions);
}

/** Refuses lists of changes, and lists that speak of a part of the issuer's certificates or of other issuers' ones. */
function requireWholeList(tbs: DerReader, oid: string, value: Uint8Array): void {
  if (oid === EXTENSION_OID.deltaCrlIndicator) throw tbs.invalid("a list of changes only");
  if (oid === EXTENSION_OID.authorityKeyIdentifier) parseAuthorityKeyId(value);
  if (oid !== EXTENSION_OID.issuingDistributionPoint) return;
  const outer = new DerReader(value, "issuing distribution point");
  const point = outer.sequence();
  outer.end();
  point.optional(DISTRIBUTION_POINT_TAG);
  if (!point.isEmpty) throw tbs.invalid("not the whole list of one issuer");
}

/** An entry about a certificate of another issuer is refused here: that extension is critical. */
function requireKnown(reader: DerReader, extensions: readonly Extension[], known: readonly string[]): void {
  for (const { oid, critical } of extensions) {
    if (critical && !known.includes(oid)) throw reader.invalid(`critical extension ${oid} is not known`);
    if (oid === EXTENSION_OID.certificateIssuer) throw reader.invalid("an entry about a certificate of another issuer");
  }
}

function readReason(extensions: readonly Extension[]): string | undefined {
  const extension = extensions.find(({ oid }) => oid === EXTENSION_OID.crlReason);
  if (extension === undefined) return undefined;
  const reader = new DerReader(extension.value, "revocation reason");
  const reason = REASONS[reader.enumerated(REASONS.length - 1)];
  reader.end();
  if (reason === undefined) throw reader.invalid("a reason without meaning in a whole list");
  return reason;
}
