import { type Certificate, parseCertificate } from "../../src/pki/x509/certificate.ts";
import type { CollateralItem, CollateralNeed, CollateralSet } from "../../src/attestation/collateral-need.ts";
import { encodeTdxAttestation } from "../../src/attestation/tdx/tdx-attestation.ts";
import { tdxEvidenceFromQuote } from "../../src/attestation/tdx/tdx-evidence.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import {
  INTEL_NAMES,
  type IntelRole,
  intelRoleExtensions,
  mapIntelRoles,
} from "../../src/simulator/intel/intel-authority.ts";
import { publishedItem } from "../../src/simulator/published-item.ts";
import {
  type CertificateFields,
  type CrlFields,
  fakeCertificate,
  fakeCrl,
  type FakeKey,
  fakeKey,
  pemOf,
} from "./intel-certificates.ts";
import { signedBody, usualQeIdentity, usualTcbInfo } from "./intel-documents.ts";
import { buildQuote, type QuoteFields, TEE_TCB_SVN, usualQuoteFields } from "./intel-quote.ts";
import { sgxExtension } from "./intel-sgx-extension.ts";

export type { IntelRole } from "../../src/simulator/intel/intel-authority.ts";

/** What a fake platform is made of; everything is optional, and everything can be wrong on purpose. */
export interface IntelPlatformOptions {
  /** Around which certificates and collateral are valid: collateral from a day before to 29 days after it. */
  readonly now?: Date;
  /** Other keys and serial numbers for each name; `default` where nothing is said. */
  readonly authority?: string;
  /** 12 hexadecimal digits. */
  readonly fmspc?: string;
  /** 4 hexadecimal digits. */
  readonly pceId?: string;
  /** 16 parts. */
  readonly sgxComponents?: readonly number[];
  readonly pceSvn?: number;
  /** 16 bytes; the usual one names module TDX_01. */
  readonly teeTcbSvn?: Uint8Array;
  /** Whether the PCK comes from the Processor CA, which does not issue for TDX platforms. */
  readonly processorCa?: boolean;
  /** Changes of single certificates. */
  readonly certificates?: Readonly<Partial<Record<IntelRole, Partial<CertificateFields>>>>;
  readonly revoked?: readonly IntelRole[];
  readonly rootCrl?: Partial<CrlFields>;
  readonly pckCrl?: Partial<CrlFields>;
  /** Members that replace those of the TCB info before it is signed. */
  readonly tcbInfo?: JsonObject;
  readonly qeIdentity?: JsonObject;
  /** Changes of the texts after they were signed. */
  readonly changeTcbInfo?: (text: string) => string;
  readonly changeQeIdentity?: (text: string) => string;
  /** PEM in place of the issuer chain of both documents. */
  readonly issuerChainPem?: string;
  readonly qeIssuerChainPem?: string;
  /** Members of every quote. */
  readonly quote?: Partial<QuoteFields>;
}

/** A machine with TDX, the certificates above it, and what Intel's services say about it. */
export interface IntelPlatform {
  readonly now: Date;
  /** 12 lower-case hexadecimal digits. */
  readonly fmspc: string;
  readonly root: Certificate;
  /** What the certificates were made from, to make variants. */
  readonly fields: Readonly<Record<IntelRole, CertificateFields>>;
  readonly certificates: Readonly<Record<IntelRole, Certificate>>;
  /** For `--insecure-trust-roots`. */
  readonly rootPem: string;
  /** Bodies of Intel's service. */
  readonly tcbInfoBody: Uint8Array;
  readonly qeIdentityBody: Uint8Array;
  readonly pckCrl: Uint8Array;
  readonly rootCrl: Uint8Array;
  /** Signing certificate, then root; of the PCK CRL the intermediate, then root. */
  readonly tcbInfoIssuerChainPem: string;
  readonly qeIdentityIssuerChainPem: string;
  readonly pckCrlIssuerChainPem: string;
  /** The same as values of HTTP headers. */
  readonly tcbInfoIssuerChainHeader: string;
  readonly qeIdentityIssuerChainHeader: string;
  readonly pckCrlIssuerChainHeader: string;
  /** All four pieces. */
  collateralItems(): readonly CollateralItem[];
  /** A set that answers from them. @param without kinds that are not found */
  collateralSet(without?: readonly CollateralNeed["kind"][]): CollateralSet;
  /** Raw bytes of a quote. */
  quote(fields?: Partial<QuoteFields>): Uint8Array;
  /** Evidence as it stands in a certificate's extension: message `tdx.QuoteV4`. */
  attestation(reportData: Uint8Array, fields?: Partial<QuoteFields>): Uint8Array;
  /** An entry of `ReferenceValues.tdx` that a usual quote meets. */
  referenceValues(fields?: Partial<QuoteFields>): JsonObject;
}

const DAY_MS = 86_400_000;
const { platformCa: PLATFORM_CA, processorCa: PROCESSOR_CA, root: ROOT_CA } = INTEL_NAMES;

/** Makes a platform; keys are shared by all platforms with the same authority. */
export function createIntelPlatform(options: IntelPlatformOptions = {}): IntelPlatform {
  const now = options.now ?? new Date("2026-01-15T12:00:00Z");
  const fmspc = (options.fmspc ?? "90c06f000000").toLowerCase();
  const pceId = options.pceId ?? "0000";
  const authority = options.authority ?? "default";
  const key = (role: string): FakeKey => fakeKey(`intel ${authority} ${role}`);
  const caName = options.processorCa === true ? PROCESSOR_CA : PLATFORM_CA;
  const days = (count: number): Date => new Date(now.getTime() + count * DAY_MS);
  const extensions = intelRoleExtensions(mapIntelRoles(key), sgxExtension({ ...options, fmspc, pceId }));

  const usual: Readonly<Record<IntelRole, CertificateFields>> = {
    root: {
      ...issued(ROOT_CA, ROOT_CA, 0x22n, key("root"), key("root")),
      extensions: extensions.root,
      notBefore: days(-3000),
      notAfter: days(8000),
    },
    intermediate: {
      ...issued(caName, ROOT_CA, 0x95n, key("intermediate"), key("root")),
      extensions: extensions.intermediate,
      notBefore: days(-2000),
      notAfter: days(3000),
    },
    pck: {
      ...issued(INTEL_NAMES.pck, caName, 0x7cn, key("pck"), key("intermediate")),
      extensions: extensions.pck,
      notBefore: days(-300),
      notAfter: days(2000),
    },
    tcbSigning: {
      ...issued(INTEL_NAMES.tcbSigning, ROOT_CA, 0x7en, key("tcbSigning"), key("root")),
      extensions: extensions.tcbSigning,
      notBefore: days(-300),
      notAfter: days(2000),
    },
  };
  const fieldsOf = (role: IntelRole): CertificateFields => ({ ...usual[role], ...options.certificates?.[role] });
  const ders = mapIntelRoles((role) => fakeCertificate(fieldsOf(role)));
  const certificates = mapIntelRoles((role) => parseCertificate(ders[role], role));
  const pems = mapIntelRoles((role) => pemOf(ders[role]));

  const revokedSerials = (roles: readonly IntelRole[]): readonly bigint[] =>
    roles.filter((role) => options.revoked?.includes(role)).map((role) => fieldsOf(role).serial);
  const rootCrl = fakeCrl({
    issuerName: ROOT_CA,
    signer: key("root"),
    thisUpdate: days(-1),
    nextUpdate: days(300),
    serials: revokedSerials(["intermediate", "tcbSigning"]),
    authority: key("root"),
    hash: "sha256",
    ...options.rootCrl,
  });
  const pckCrl = fakeCrl({
    issuerName: caName,
    signer: key("intermediate"),
    thisUpdate: days(-1),
    nextUpdate: days(29),
    serials: revokedSerials(["pck"]),
    authority: key("intermediate"),
    hash: "sha256",
    ...options.pckCrl,
  });
  const documentFields = { fmspc, pceId, issueDate: days(-1), nextUpdate: days(29) };
  const tcbInfoBody = signedBody(
    "tcbInfo",
    { ...usualTcbInfo(documentFields), ...options.tcbInfo },
    key("tcbSigning"),
    options.changeTcbInfo,
  );
  const qeIdentityBody = signedBody(
    "enclaveIdentity",
    { ...usualQeIdentity(documentFields), ...options.qeIdentity },
    key("tcbSigning"),
    options.changeQeIdentity,
  );
  const tcbInfoIssuerChainPem = options.issuerChainPem ?? pems.tcbSigning + pems.root;
  const qeIdentityIssuerChainPem = options.qeIssuerChainPem ?? tcbInfoIssuerChainPem;
  const pckCrlIssuerChainPem = pems.intermediate + pems.root;

  const quoteFields: QuoteFields = {
    ...usualQuoteFields(),
    teeTcbSvn: options.teeTcbSvn ?? TEE_TCB_SVN,
    qeSigner: key("pck"),
    pckChainPem: `${pems.pck}${pems.intermediate}${pems.root}\0`,
    ...options.quote,
  };
  const quote = (fields?: Partial<QuoteFields>): Uint8Array => buildQuote({ ...quoteFields, ...fields });

  const item = (need: CollateralNeed, body: Uint8Array, issuerChainPem?: string): CollateralItem => ({
    ...publishedItem(need, body, issuerChainPem, now),
    origin: "file",
  });
  const ca = options.processorCa === true ? "processor" : "platform";
  const items: readonly CollateralItem[] = [
    item({ kind: "intel-tcb-info", fmspc }, tcbInfoBody, tcbInfoIssuerChainPem),
    item({ kind: "intel-qe-identity" }, qeIdentityBody, qeIdentityIssuerChainPem),
    item({ kind: "intel-pck-crl", ca }, pckCrl, pckCrlIssuerChainPem),
    item({ kind: "intel-root-crl" }, rootCrl),
  ];

  return {
    now,
    fmspc,
    root: certificates.root,
    fields: mapIntelRoles(fieldsOf),
    certificates,
    rootPem: pems.root,
    tcbInfoBody,
    qeIdentityBody,
    pckCrl,
    rootCrl,
    tcbInfoIssuerChainPem,
    qeIdentityIssuerChainPem,
    pckCrlIssuerChainPem,
    tcbInfoIssuerChainHeader: encodeURIComponent(tcbInfoIssuerChainPem),
    qeIdentityIssuerChainHeader: encodeURIComponent(qeIdentityIssuerChainPem),
    pckCrlIssuerChainHeader: encodeURIComponent(pckCrlIssuerChainPem),
    collateralItems: () => items,
    collateralSet: (without = []) => intelCollateralSet(items.filter(({ need }) => !without.includes(need.kind))),
    quote,
    attestation: (reportData, fields) => encodeTdxAttestation(tdxEvidenceFromQuote(quote({ ...fields, reportData }))),
    referenceValues: (fields) => referenceValuesOf({ ...quoteFields, ...fields }),
  };
}

/** A set that answers from items, by kind and what the kind is keyed by. */
export function intelCollateralSet(items: readonly CollateralItem[]): CollateralSet {
  return {
    answer(need) {
      const item = items.find((candidate) => JSON.stringify(candidate.need) === JSON.stringify(need));
      if (item !== undefined) return { found: true, item };
      return { found: false, reason: `no ${need.kind} at hand`, remedy: "Fetch it." };
    },
  };
}

function issued(
  commonName: string,
  issuerName: string,
  serial: bigint,
  key: FakeKey,
  signer: FakeKey,
): Omit<CertificateFields, "extensions" | "notBefore" | "notAfter"> {
  return { commonName, issuerName, serial, key, signer, hash: "sha256" };
}

function referenceValuesOf(fields: QuoteFields): JsonObject {
  return {
    MrTd: fields.mrTd.toHex(),
    Rtrms: fields.rtmrs.map((rtmr) => rtmr.toHex()),
    MinimumQeSvn: 0,
    MinimumPceSvn: 0,
    MinimumTeeTcbSvn: fields.teeTcbSvn.toHex(),
    MrSeam: fields.mrSeam.toHex(),
    TdAttributes: fields.tdAttributes.toHex(),
    Xfam: fields.xfam.toHex(),
  };
}
