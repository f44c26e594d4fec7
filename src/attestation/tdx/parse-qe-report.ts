import type { QeReport } from "./quote.ts";
import { QuoteReader } from "./quote-reader.ts";

/** Size in bytes of the report of an SGX enclave. */
export const QE_REPORT_SIZE = 384;

/**
 * Reads the report of the quoting enclave.
 *
 *     offset  size  field
 *      0x000    16  CPU_SVN
 *      0x010     4  MISC_SELECT
 *      0x014    28  reserved
 *      0x030    16  ATTRIBUTES
 *      0x040    32  MR_ENCLAVE
 *      0x060    32  reserved
 *      0x080    32  MR_SIGNER
 *      0x0A0    96  reserved
 *      0x100     2  ISV_PROD_ID
 *      0x102     2  ISV_SVN
 *      0x104    60  reserved
 *      0x140    64  REPORT_DATA
 *
 * @param bytes 384 bytes; reserved ranges are signed but have no meaning
 * @throws ContrastError `tdx/quote-invalid` for any other length
 * @see Intel TDX DCAP Quoting Library API, A.3.10 (enclave report body)
 */
export function parseQeReport(bytes: Uint8Array): QeReport {
  const reader = new QuoteReader(bytes);
  const cpuSvn = reader.take(16, "QE CPU_SVN");
  const miscSelect = reader.u32("QE MISC_SELECT");
  reader.take(28, "reserved part of the QE report");
  const attributes = reader.take(16, "QE ATTRIBUTES");
  const mrEnclave = reader.take(32, "QE MR_ENCLAVE");
  reader.take(32, "reserved part of the QE report");
  const mrSigner = reader.take(32, "QE MR_SIGNER");
  reader.take(96, "reserved part of the QE report");
  const isvProdId = reader.u16("QE ISV_PROD_ID");
  const isvSvn = reader.u16("QE ISV_SVN");
  reader.take(60, "reserved part of the QE report");
  const reportData = reader.take(64, "QE REPORT_DATA");
  reader.end("QE report");
  return { bytes, cpuSvn, miscSelect, attributes, mrEnclave, mrSigner, isvProdId, isvSvn, reportData };
}
