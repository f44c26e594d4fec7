import { judgedRow, notJudgedRow, type Row, unknownRow } from "../check-row.ts";
import type { SnpProduct } from "../collateral-need.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import type { Check } from "../verdict.ts";
import type { AmdExtensions } from "./amd-extensions.ts";
import { dependsOn } from "./depends-on.ts";
import type { SnpReport } from "./snp-report.ts";
import { parseTcb, renderTcb } from "./tcb.ts";

/** The certificate must be that of the reported TCB; all eight bytes are compared. */
export function checkCertificateTcb(
  { reportedTcb }: SnpReport,
  extensions: AmdExtensions | undefined,
  product: SnpProduct | undefined,
): Check {
  const expected = renderTcb(parseTcb(reportedTcb, product));
  const row: Row = { id: "certificate.tcb", subject: "TCB of the certificate", expected, source: "REPORTED_TCB" };
  if (extensions === undefined) return unknownRow(row, dependsOn("the extensions of the certificate"));
  const compared = { ...row, actual: renderTcb(parseTcb(extensions.tcb, product)) };
  return judgedRow(compared, extensions.tcb === reportedTcb, {
    code: "snp/certificate-tcb-wrong",
    reason: "the certificate belongs to another TCB than the one reported; the host delivers a stale one",
    remedy: "Let the host fetch its certificate again, or leave it out so that it is fetched from AMD.",
  });
}

/**
 * The certificate must be that of the chip. Nothing is compared where the host masks the chip id, and for VLEKs, which
 * belong to no chip: the signature of the report binds it to the certificate in any case.
 */
export function checkCertificateChip({ chipId, signerInfo }: SnpReport, extensions: AmdExtensions | undefined): Check {
  const row: Row = { id: "certificate.chip-id", subject: "hwID of the certificate", source: "CHIP_ID" };
  if (signerInfo.signingKey !== "VCEK") return notJudgedRow(row, "only a VCEK belongs to one chip");
  if (isMaskedChipId(chipId)) return notJudgedRow(row, "the host masks the chip id in the report");
  const expected = chipId.toHex();
  if (extensions === undefined) return unknownRow({ ...row, expected }, dependsOn("the extensions of the certificate"));
  const hwId = new Uint8Array(chipId.length);
  hwId.set(extensions.hwId ?? []);
  return judgedRow({ ...row, expected, actual: hwId.toHex() }, sameBytes(hwId, chipId), {
    code: "snp/certificate-chip-wrong",
    reason: "the certificate is that of another chip",
  });
}

/** Whether the host hides which chip made a report. */
export function isMaskedChipId(chipId: Uint8Array): boolean {
  return chipId.every((byte) => byte === 0);
}
