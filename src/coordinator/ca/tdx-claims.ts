import type { TdReport, QeReport } from "../../attestation/tdx/quote.ts";
import type { TdxEvidence } from "../../attestation/tdx/tdx-evidence.ts";
import type { Claim } from "./claim.ts";

const QE_REPORT_CERTIFICATION_DATA = 6;
const PCK_CERTIFICATE_CHAIN = 5;
/** Signature and attestation key, then type and size of the certification data. */
const SIGNATURE_HEAD_BYTES = 64 + 64 + 2 + 4;
/** QE report, its signature, size of the authentication data; later type and size of the certificate chain. */
const CERTIFICATION_FIXED_BYTES = 384 + 64 + 2 + 2 + 4;

/** The claims of a TDX quote in the order of their numbers; 28 is not used. */
export function tdxClaims({ quote }: TdxEvidence): readonly Claim[] {
  const { header, bytes, body, qeReport, qeAuthData, pckChainPem } = quote;
  const certificationBytes = CERTIFICATION_FIXED_BYTES + qeAuthData.length + pckChainPem.length;
  return [
    [1, header.version],
    [2, header.attestationKeyType],
    [3, header.teeType],
    [4, bytes.subarray(0x0a, 0x0c)],
    [5, bytes.subarray(0x08, 0x0a)],
    [6, header.qeVendorId],
    [7, header.userData],
    ...bodyClaims(body),
    [23, SIGNATURE_HEAD_BYTES + certificationBytes],
    [24, quote.signature],
    [25, quote.attestationKey],
    [26, QE_REPORT_CERTIFICATION_DATA],
    [27, certificationBytes],
    ...qeClaims(qeReport),
    [41, quote.qeReportSignature],
    [42, qeAuthData.length],
    [43, qeAuthData],
    [44, PCK_CERTIFICATE_CHAIN],
    [45, pckChainPem.length],
    [46, pckChainPem],
    [47, quote.extra],
  ];
}

function bodyClaims(body: TdReport): readonly Claim[] {
  const [rtmr0, rtmr1, rtmr2, rtmr3] = body.rtmrs;
  return [
    [8, body.teeTcbSvn],
    [9, body.mrSeam],
    [10, body.mrSignerSeam],
    [11, body.seamAttributes],
    [12, body.tdAttributes],
    [13, body.xfam],
    [14, body.mrTd],
    [15, body.mrConfigId],
    [16, body.mrOwner],
    [17, body.mrOwnerConfig],
    [18, rtmr0],
    [19, rtmr1],
    [20, rtmr2],
    [21, rtmr3],
    [22, body.reportData],
  ];
}

function qeClaims(report: QeReport): readonly Claim[] {
  const reserved = (offset: number, size: number): Uint8Array => report.bytes.subarray(offset, offset + size);
  return [
    [29, report.cpuSvn],
    [30, report.miscSelect],
    [31, reserved(0x14, 28)],
    [32, report.attributes],
    [33, report.mrEnclave],
    [34, reserved(0x60, 32)],
    [35, report.mrSigner],
    [36, reserved(0xa0, 96)],
    [37, report.isvProdId],
    [38, report.isvSvn],
    [39, reserved(0x104, 60)],
    [40, report.reportData],
  ];
}
