import { ContrastError } from "../lib/errors.ts";
import { type Certificate, extensionOf } from "../pki/x509/certificate.ts";
import { readCertificates } from "../pki/x509/read-certificates.ts";
import type { Evidence } from "./evidence.ts";
import { decodeText } from "./decode-text.ts";
import { snpEvidenceFromReport } from "./snp/snp-evidence.ts";
import { EVIDENCE_OIDS, type PresentedEvidence } from "./validator.ts";

/** The forms in which evidence lies in files. */
export type EvidenceForm = "snp-report" | "snp-attestation" | "tdx-quote" | "tdx-attestation" | "certificate";

/** Evidence of a file. */
export interface ReadEvidence {
  readonly form: EvidenceForm;
  readonly evidence: Evidence;
  /** The certificate that carries the evidence, where the file is one. */
  readonly certificate: Certificate | undefined;
}

const SNP_REPORT_BYTES = 1184;
const MAX_CERTIFICATES = 16;

/** Numbers that begin a quote of Intel: the version, then 2 for an ECDSA P-256 key, both little-endian. */
const QUOTE_VERSIONS: ReadonlySet<number> = new Set([3, 4, 5]);

/**
 * Reads evidence in whichever form it is: a raw report or quote, the message of a certificate extension, or a
 * certificate with such an extension; in binary, or as hexadecimal or base64 text.
 *
 * @param what named in messages, such as `evidence "report.bin"`
 * @throws ContrastError `attestation/evidence-unknown`, and what the parsers of the forms throw
 */
export async function readEvidence(bytes: Uint8Array, what: string): Promise<ReadEvidence> {
  if (isPem(bytes)) return await fromCertificate(bytes, what);
  return await fromBinary(decodeText(bytes) ?? bytes, what);
}

async function fromBinary(bytes: Uint8Array, what: string): Promise<ReadEvidence> {
  const [first, second] = bytes;
  if (bytes.length === SNP_REPORT_BYTES && isSnpVersion(bytes)) {
    return { form: "snp-report", evidence: { tee: "snp", snp: snpEvidenceFromReport(bytes) }, certificate: undefined };
  }
  if (isQuote(bytes)) return await fromQuote(bytes);
  if (first === 0x30) return await fromCertificate(bytes, what);
  // Both messages begin with their first field; a report is longer than the header of a quote.
  if (first === 0x0a && second !== undefined) {
    const oid = second < 0x80 ? EVIDENCE_OIDS.tdx : EVIDENCE_OIDS.snp;
    return await fromMessage({ oid, value: bytes }, undefined);
  }
  throw unknown(what, `got ${bytes.length} bytes of no known form`);
}

function isSnpVersion(bytes: Uint8Array): boolean {
  const [version = 0, ...rest] = bytes.subarray(0, 4);
  return version < 0x20 && rest.every((byte) => byte === 0);
}

function isQuote([version, zero, keyType, alsoZero]: Uint8Array): boolean {
  const isKeyType = (keyType === 2 || keyType === 3) && alsoZero === 0;
  return version !== undefined && QUOTE_VERSIONS.has(version) && zero === 0 && isKeyType;
}

async function fromQuote(bytes: Uint8Array): Promise<ReadEvidence> {
  const { tdxEvidenceFromQuote } = await import("./tdx/tdx-evidence.ts");
  return { form: "tdx-quote", evidence: { tee: "tdx", tdx: tdxEvidenceFromQuote(bytes) }, certificate: undefined };
}

/** Loads the reader of messages only here: that takes longer than a whole verification. */
async function fromMessage(presented: PresentedEvidence, certificate: Certificate | undefined): Promise<ReadEvidence> {
  const { parsePresentedEvidence } = await import("./parse-presented-evidence.ts");
  const evidence = parsePresentedEvidence(presented);
  return { form: certificate === undefined ? `${evidence.tee}-attestation` : "certificate", evidence, certificate };
}

/** The first certificate that carries evidence; a second one of a chain file is looked at too. */
async function fromCertificate(bytes: Uint8Array, what: string): Promise<ReadEvidence> {
  for (const certificate of readCertificates(bytes, what, MAX_CERTIFICATES)) {
    for (const oid of Object.values(EVIDENCE_OIDS)) {
      const extension = extensionOf(certificate, oid);
      if (extension === undefined) continue;
      return await fromMessage({ oid, value: extension.value }, certificate);
    }
  }
  throw unknown(what, `no certificate in it has the extension ${EVIDENCE_OIDS.snp} or ${EVIDENCE_OIDS.tdx}`);
}

/** A quote holds PEM blocks too, but not behind text only. */
function isPem(bytes: Uint8Array): boolean {
  return /^[\t\r\n -~]*?-----BEGIN /.test(new TextDecoder("latin1").decode(bytes.subarray(0, 4096)));
}

function unknown(what: string, fact: string): ContrastError {
  return new ContrastError("attestation/evidence-unknown", `Cannot read ${what}: ${fact}`, {
    hint: "Give an SNP report (1184 bytes), a TDX quote, the extension of an aTLS certificate, or such a certificate.",
  });
}
