import type { SnpProduct } from "../collateral-need.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { parseCrl } from "../../pki/x509/crl.ts";
import { NAME_OID, nameAttribute } from "../../pki/x509/name.ts";
import { parseAmdExtensions } from "./amd-extensions.ts";
import { certifiedProductOf } from "./certified-product.ts";
import { parseSnpReport } from "./parse-report.ts";
import { productOfCpuid } from "./product.ts";
import type { SnpReport } from "./snp-report.ts";

/** What stands beside a report to prove where it came from; DER, nothing of it is verified. */
export interface SnpEndorsements {
  readonly vcek?: Uint8Array | undefined;
  readonly vlek?: Uint8Array | undefined;
  /** ASK or ASVK; kept, but never trusted. */
  readonly ask?: Uint8Array | undefined;
  /** Kept, but never trusted. */
  readonly ark?: Uint8Array | undefined;
  /** Revocation list of the ARK. */
  readonly crl?: Uint8Array | undefined;
}

/** An attestation report with what came along; nothing of it is verified. */
export interface SnpEvidence {
  readonly report: SnpReport;
  /** 1184 bytes. */
  readonly reportBytes: Uint8Array;
  /**
   * The product line by the CPUID bytes of the report; for version 2, which has none, as the sender names it. Undefined
   * where neither says.
   */
  readonly product: SnpProduct | undefined;
  readonly endorsements: SnpEndorsements;
}

/**
 * Evidence of a saved report and loose certificates in any order. Of several VCEKs the one of the report's chip and TCB
 * is taken; certificates that belong to no role are ignored.
 *
 * @param reportBytes 1184 bytes; copied
 * @param crls DER
 * @throws ContrastError as `parseSnpReport`
 */
export function snpEvidenceFromReport(
  reportBytes: Uint8Array,
  certificates: readonly Certificate[] = [],
  crls: readonly Uint8Array[] = [],
): SnpEvidence {
  const report = parseSnpReport(reportBytes);
  const named = (test: (commonName: string) => boolean): readonly Certificate[] =>
    certificates.filter(({ subject }) => test(nameAttribute(subject, NAME_OID.commonName) ?? ""));
  const vceks = named((name) => name === "SEV-VCEK");
  // One alone is taken without looking into it: the verdict says whether it is the right one.
  const fitting = vceks.length > 1 ? vceks.find((certificate) => isOfReport(certificate, report)) : undefined;
  const vcek = fitting ?? vceks[0];
  const [vlek] = named((name) => name === "SEV-VLEK");
  const signer = report.signerInfo.signingKey === "VLEK" ? /^SEV-VLEK-[A-Z]/ : /^SEV-(?!VLEK|VCEK)/;
  const [ask] = named((name) => signer.test(name));
  const [ark] = named((name) => name.startsWith("ARK-"));
  const product = report.cpuid && productOfCpuid(report.cpuid);
  const line = product ?? certifiedProductOf((vcek ?? vlek)?.der);
  return {
    report,
    reportBytes: reportBytes.slice(),
    product,
    endorsements: {
      vcek: vcek?.der,
      vlek: vlek?.der,
      ask: ask?.der,
      ark: ark?.der,
      crl: crls.find((crl) => crlIssuerOf(crl) === `ARK-${line}`) ?? crls[0],
    },
  };
}

/** Whether a VCEK names the chip and the TCB of a report, as far as it can be read. */
function isOfReport(certificate: Certificate, report: SnpReport): boolean {
  const product = certifiedProductOf(certificate.der);
  if (product === undefined) return false;
  try {
    const { hwId, tcb } = parseAmdExtensions(certificate, "VCEK", product);
    const chipId = report.chipId.subarray(0, hwId?.length ?? 0);
    return tcb === report.reportedTcb && hwId !== undefined && sameBytes(hwId, chipId);
  } catch {
    return false;
  }
}

function crlIssuerOf(der: Uint8Array): string | undefined {
  try {
    return nameAttribute(parseCrl(der, "revocation list").issuer, NAME_OID.commonName);
  } catch {
    return undefined;
  }
}
