import type { SnpProduct, TcbVersion } from "../attestation/collateral-need.ts";
import type { Evidence } from "../attestation/evidence.ts";
import { parseTcb, TCB_PARTS } from "../attestation/snp/tcb.ts";

/** What a machine states about itself, as far as reference values speak of it. */
export type ObservedMachine = ObservedSnp | ObservedTdx;

/** A machine with SEV-SNP and the guest on it. */
export interface ObservedSnp {
  readonly tee: "snp";
  readonly product: SnpProduct | undefined;
  /** The lower of reported and launch TCB, part by part: a minimum must be kept by both. */
  readonly tcb: TcbVersion;
  readonly measurementHex: string;
}

/** A machine with TDX and the guest on it. */
export interface ObservedTdx {
  readonly tee: "tdx";
  readonly mrTdHex: string;
  readonly mrSeamHex: string;
  readonly teeTcbSvnHex: string;
  readonly qeSvn: number;
  readonly pceSvn: number;
}

/** Picks out of evidence what reference values speak of. */
export function observedMachine(evidence: Evidence): ObservedMachine {
  if (evidence.tee === "tdx") {
    const { header, body } = evidence.tdx.quote;
    return {
      tee: "tdx",
      mrTdHex: body.mrTd.toHex(),
      mrSeamHex: body.mrSeam.toHex(),
      teeTcbSvnHex: body.teeTcbSvn.toHex(),
      qeSvn: header.qeSvn,
      pceSvn: header.pceSvn,
    };
  }
  const { report, product } = evidence.snp;
  const reported = parseTcb(report.reportedTcb, product);
  const launch = parseTcb(report.launchTcb, product);
  return { tee: "snp", product, tcb: lower(reported, launch), measurementHex: report.measurement.toHex() };
}

function lower(first: TcbVersion, second: TcbVersion): TcbVersion {
  const lowest: { -readonly [Part in keyof TcbVersion]: TcbVersion[Part] } = { ...first };
  for (const part of TCB_PARTS) {
    const other = second[part];
    if (other !== undefined) lowest[part] = Math.min(first[part] ?? other, other);
  }
  return lowest;
}
