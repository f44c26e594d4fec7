import { ContrastError } from "../../lib/errors.ts";
import type { Ioctl } from "../../lib/ioctl.ts";

/**
 * Numbers and structures of `/dev/sev-guest`. All integers are little-endian; the device exists on x86-64 only.
 *
 * @see Linux include/uapi/linux/sev-guest.h; AMD 56860 (SEV-SNP ABI), MSG_REPORT_RSP
 */
const SEV_GUEST_IOCTL = { getReport: 0xc0205300, getExtendedReport: 0xc0205302 } as const;

/** What the certificate buffer is a multiple of. */
export const PAGE_BYTES = 4096;

const REQUEST_SIZE = 96;
const EXTENDED_REQUEST_SIZE = 112;
const RESPONSE_SIZE = 4000;
const GUEST_REQUEST_SIZE = 32;
const RESPONSE_HEADER_SIZE = 32;
const CERTIFICATES_LENGTH_OFFSET = 104;

/** Answers of the host, in the upper half of the error field. */
export const VMM_ERROR = { none: 0, lengthInvalid: 1, busy: 2 } as const;

/** What became of one request. */
export interface SevGuestAnswer {
  readonly returned: number;
  readonly errno: number;
  /** Status of the firmware; 0 for success. */
  readonly firmwareError: number;
  /** Answer of the host; see `VMM_ERROR`. */
  readonly vmmError: number;
  /** MSG_REPORT_RSP with what follows it. */
  readonly response: Uint8Array;
  /** Size of the certificate buffer, or the one that is needed where it was too small. */
  readonly certificatesBytes: number;
}

/**
 * Makes one request of the device.
 *
 *     snp_report_req (96)            user data 64, VMPL u32, 28 zero bytes
 *     snp_ext_report_req (112)       snp_report_req, address of the certificates u64, their size u32, 4 bytes of padding
 *     snp_guest_request_ioctl (32)   version u8 = 1, padding to 8, addresses of request and response u64,
 *                                    firmware error u32, answer of the host u32
 *
 * @param certificates a multiple of 4096 bytes, filled by the kernel; undefined for a plain report
 */
export function requestSevGuestReport(
  ioctl: Ioctl,
  descriptor: number,
  reportData: Uint8Array,
  certificates: Uint8Array | undefined,
): SevGuestAnswer {
  const request = new Uint8Array(certificates === undefined ? REQUEST_SIZE : EXTENDED_REQUEST_SIZE);
  const requestView = new DataView(request.buffer);
  request.set(reportData);
  if (certificates !== undefined) {
    requestView.setBigUint64(REQUEST_SIZE, ioctl.addressOf(certificates), true);
    requestView.setUint32(CERTIFICATES_LENGTH_OFFSET, certificates.length, true);
  }
  const response = new Uint8Array(RESPONSE_SIZE);
  const argument = new Uint8Array(GUEST_REQUEST_SIZE);
  const view = new DataView(argument.buffer);
  view.setUint8(0, 1);
  view.setBigUint64(8, ioctl.addressOf(request), true);
  view.setBigUint64(16, ioctl.addressOf(response), true);
  const number = certificates === undefined ? SEV_GUEST_IOCTL.getReport : SEV_GUEST_IOCTL.getExtendedReport;
  const { returned, errno } = ioctl.call(descriptor, number, argument);
  return {
    returned,
    errno,
    firmwareError: view.getUint32(24, true),
    vmmError: view.getUint32(28, true),
    response,
    certificatesBytes: certificates === undefined ? 0 : requestView.getUint32(CERTIFICATES_LENGTH_OFFSET, true),
  };
}

/**
 * The report inside of MSG_REPORT_RSP: status u32, size of the report u32, 24 reserved bytes, the report.
 *
 * @throws ContrastError `issuer/host-failed` where the firmware refused, `issuer/report-malformed`
 */
export function reportOfResponse(response: Uint8Array): Uint8Array {
  const view = new DataView(response.buffer, response.byteOffset, response.byteLength);
  const status = view.getUint32(0, true);
  if (status !== 0) {
    const fact = `the firmware answered with status 0x${status.toString(16)}`;
    throw new ContrastError("issuer/host-failed", `Cannot get a report of /dev/sev-guest: ${fact}`);
  }
  const sizeBytes = view.getUint32(4, true);
  const end = RESPONSE_HEADER_SIZE + sizeBytes;
  if (sizeBytes > 0 && end <= response.length) return response.slice(RESPONSE_HEADER_SIZE, end);
  const fact = `it names ${sizeBytes} bytes, limit ${response.length - RESPONSE_HEADER_SIZE}`;
  throw new ContrastError("issuer/report-malformed", `Cannot read the report of /dev/sev-guest: ${fact}`);
}
