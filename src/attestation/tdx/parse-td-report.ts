import type { TdReport } from "./quote.ts";
import type { QuoteReader } from "./quote-reader.ts";

/** Size in bytes of the body of TDX 1.0, the only one of version 4. */
export const TD_REPORT_SIZE = 584;

/**
 * Reads the body of a quote.
 *
 *     offset  size  field
 *      0x000    16  TEE_TCB_SVN
 *      0x010    48  MR_SEAM
 *      0x040    48  MR_SIGNER_SEAM
 *      0x070     8  SEAM_ATTRIBUTES
 *      0x078     8  TD_ATTRIBUTES
 *      0x080     8  XFAM
 *      0x088    48  MR_TD
 *      0x0B8    48  MR_CONFIG_ID
 *      0x0E8    48  MR_OWNER
 *      0x118    48  MR_OWNER_CONFIG
 *      0x148  4x48  RTMR0 to RTMR3
 *      0x208    64  REPORT_DATA
 *      0x248    16  TEE_TCB_SVN2   (TDX 1.5)
 *      0x258    48  MR_SERVICE_TD  (TDX 1.5)
 *
 * @param reader of exactly the body
 * @throws ContrastError `tdx/quote-invalid` for any other length
 * @see Intel TDX DCAP Quoting Library API, A.3.2 and A.3.3
 */
export function parseTdReport(reader: QuoteReader, withTdx15: boolean): TdReport {
  const report = {
    teeTcbSvn: reader.take(16, "TEE_TCB_SVN"),
    mrSeam: reader.take(48, "MR_SEAM"),
    mrSignerSeam: reader.take(48, "MR_SIGNER_SEAM"),
    seamAttributes: reader.take(8, "SEAM_ATTRIBUTES"),
    tdAttributes: reader.take(8, "TD_ATTRIBUTES"),
    xfam: reader.take(8, "XFAM"),
    mrTd: reader.take(48, "MR_TD"),
    mrConfigId: reader.take(48, "MR_CONFIG_ID"),
    mrOwner: reader.take(48, "MR_OWNER"),
    mrOwnerConfig: reader.take(48, "MR_OWNER_CONFIG"),
    rtmrs: [
      reader.take(48, "RTMR0"),
      reader.take(48, "RTMR1"),
      reader.take(48, "RTMR2"),
      reader.take(48, "RTMR3"),
    ] as const,
    reportData: reader.take(64, "REPORT_DATA"),
    tdx15: withTdx15
      ? { teeTcbSvn2: reader.take(16, "TEE_TCB_SVN2"), mrServiceTd: reader.take(48, "MR_SERVICE_TD") }
      : undefined,
  };
  reader.end("TD quote body");
  return report;
}
