import { readBytes } from "../../lib/files.ts";
import type { CollateralItem, CollateralNeed, SnpProduct } from "../../attestation/collateral-need.ts";
import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import type { Evidence } from "../../attestation/evidence.ts";
import { readEvidence, type ReadEvidence } from "../../attestation/read-evidence.ts";
import { type SnpEvidence, snpEvidenceFromReport } from "../../attestation/snp/snp-evidence.ts";
import { encodePem } from "../../pki/pem-block.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import { NAME_OID, nameAttribute } from "../../pki/x509/name.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { readCertificates } from "../../pki/x509/read-certificates.ts";
import { readCrls } from "../../pki/x509/read-crls.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { ACCEPT_EXPIRED_FLAG } from "../expired-collateral.ts";
import { readInput } from "../read-input.ts";

/** A quote with collateral inside is some 100 KiB. */
export const MAX_EVIDENCE_BYTES = 4 * 1024 * 1024;

const MAX_ENDORSEMENT_BYTES = 16 * 1024 * 1024;
const MAX_CERTIFICATES = 64;

const AMD_PRODUCTS: readonly SnpProduct[] = ["Milan", "Genoa", "Turin"];

/** By the common name of the issuer. */
const INTEL_CRL_NEEDS: ReadonlyMap<string, CollateralNeed> = new Map([
  ["Intel SGX Root CA", { kind: "intel-root-crl" }],
  ["Intel SGX PCK Platform CA", { kind: "intel-pck-crl", ca: "platform" }],
  ["Intel SGX PCK Processor CA", { kind: "intel-pck-crl", ca: "processor" }],
]);

/** Evidence with the loose files that go with it. */
export interface EvidenceInput {
  readonly read: ReadEvidence;
  readonly evidence: Evidence;
  /** Revocation lists of the user; those of AMD are part of the evidence too. */
  readonly supplied: readonly CollateralItem[];
}

/**
 * Reads the evidence and the files of `--certs` and `--crl`. A certificate from a file takes the place of the one
 * inside the evidence.
 *
 * @throws ContrastError what reading and parsing throw
 */
export async function readEvidenceInput(path: string, flags: ParsedFlags, io: Io): Promise<EvidenceInput> {
  const { bytes, what } = await readInput(path, "evidence", MAX_EVIDENCE_BYTES, io);
  const read = await readEvidence(bytes, what);
  const certificates = await readAll(flags.strings("certs"), "certificates", readCertificates);
  const crls = await readAll(flags.strings("crl"), "revocation list", readCrls);
  const { evidence } = read;
  if (evidence.tee === "tdx") {
    return { read, evidence, supplied: crls.flatMap((crl) => intelCrlItem(crl, evidence.tdx.chain)) };
  }
  // A list after its end counts only as one of the user's, never as part of the evidence.
  const supplied = flags.isSet(ACCEPT_EXPIRED_FLAG.name) ? crls.flatMap((crl) => amdCrlItem(crl, evidence.snp)) : [];
  return { read, evidence: withEndorsements(evidence, certificates, crls), supplied };
}

async function readAll<T>(
  paths: readonly string[],
  role: string,
  parse: (bytes: Uint8Array, what: string, maximum: number) => readonly T[],
): Promise<readonly T[]> {
  const found: T[] = [];
  for (const path of paths) {
    found.push(...parse(await readBytes(path, role, MAX_ENDORSEMENT_BYTES), `${role} "${path}"`, MAX_CERTIFICATES));
  }
  return found;
}

function withEndorsements(
  evidence: Extract<Evidence, { tee: "snp" }>,
  certificates: readonly Certificate[],
  crls: readonly Crl[],
): Evidence {
  const loose = snpEvidenceFromReport(
    evidence.snp.reportBytes,
    certificates,
    crls.map(({ der }) => der),
  );
  const given = Object.entries(loose.endorsements).filter(([, der]) => der !== undefined);
  return {
    tee: "snp",
    snp: { ...evidence.snp, endorsements: { ...evidence.snp.endorsements, ...Object.fromEntries(given) } },
  };
}

/** Names the need that a list of Intel answers by its issuer; a list of somebody else answers none. */
function intelCrlItem(
  crl: Crl,
  chain: { readonly intermediate: Certificate; readonly root: Certificate },
): readonly CollateralItem[] {
  const need = intelCrlNeed(nameAttribute(crl.issuer, NAME_OID.commonName));
  if (need === undefined) return [];
  const issuerChainPem =
    need.kind === "intel-root-crl"
      ? undefined
      : [chain.intermediate, chain.root].map(({ der }) => encodePem("CERTIFICATE", der)).join("");
  return [fileItem(need, crl.der, issuerChainPem)];
}

/** Names the need that a list of AMD answers by its issuer; a list of somebody else answers none. */
function amdCrlItem(crl: Crl, { report }: SnpEvidence): readonly CollateralItem[] {
  const { signingKey } = report.signerInfo;
  const product = AMD_PRODUCTS.find((name) => nameAttribute(crl.issuer, NAME_OID.commonName) === `ARK-${name}`);
  return product === undefined || signingKey === "none"
    ? []
    : [fileItem({ kind: "amd-crl", product, signingKey }, crl.der)];
}

function fileItem(need: CollateralNeed, body: Uint8Array, issuerChainPem?: string): CollateralItem {
  const url = collateralUrl(need);
  return { need, url, body, issuerChainPem, origin: "file", fetchedAt: undefined, note: undefined };
}

function intelCrlNeed(issuer: string | undefined): CollateralNeed | undefined {
  return issuer === undefined ? undefined : INTEL_CRL_NEEDS.get(issuer);
}
