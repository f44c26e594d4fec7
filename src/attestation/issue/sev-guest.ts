import { ContrastError } from "../../lib/errors.ts";
import type { Ioctl } from "../../lib/ioctl.ts";
import { describeFirmwareError } from "./firmware-error.ts";
import { kernelError } from "./kernel-error.ts";
import type { RawEvidence } from "./raw-evidence.ts";
import {
  PAGE_BYTES,
  reportOfResponse,
  requestSevGuestReport,
  type SevGuestAnswer,
  VMM_ERROR,
} from "./sev-guest-layout.ts";

/** As much as kernels take. */
const FIRST_BUFFER_BYTES = 4 * PAGE_BYTES;
const MAX_BUFFER_BYTES = 64 * PAGE_BYTES;

/** Numbers of errors on Linux, x86-64. */
const ERRNO_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [5, "EIO"],
  [6, "ENXIO"],
  [11, "EAGAIN"],
  [13, "EACCES"],
  [14, "EFAULT"],
  [16, "EBUSY"],
  [22, "EINVAL"],
  [25, "ENOTTY"],
  [28, "ENOSPC"],
  [110, "ETIMEDOUT"],
]);

/**
 * Makes one report with the host's certificate table, or without it where the device gives no such report. Nothing is
 * tried again but a table that was larger than its buffer.
 *
 * @param descriptor of `/dev/sev-guest`
 * @throws ContrastError `issuer/busy` (may pass by itself), `issuer/host-failed`, `issuer/request-refused`,
 *   `issuer/provider-missing`, `issuer/report-malformed`, `issuer/kernel-error`
 */
export function readSevGuestReport(ioctl: Ioctl, descriptor: number, reportData: Uint8Array): RawEvidence {
  const ask = (bytes: number): SevGuestAnswer & { readonly table: Uint8Array } => {
    const table = new Uint8Array(bytes);
    return { ...requestSevGuestReport(ioctl, descriptor, reportData, table), table };
  };
  let extended = ask(FIRST_BUFFER_BYTES);
  if (extended.vmmError === VMM_ERROR.lengthInvalid && isBufferSize(extended.certificatesBytes)) {
    extended = ask(extended.certificatesBytes);
  }
  if (isDone(extended)) {
    return { tee: "snp", bytes: reportOfResponse(extended.response), certificateTable: extended.table };
  }
  if (isBusy(extended)) throw failureOf(extended);
  const plain = requestSevGuestReport(ioctl, descriptor, reportData, undefined);
  if (!isDone(plain)) throw failureOf(plain);
  return { tee: "snp", bytes: reportOfResponse(plain.response), certificateTable: new Uint8Array() };
}

function isBufferSize(bytes: number): boolean {
  return bytes > FIRST_BUFFER_BYTES && bytes <= MAX_BUFFER_BYTES && bytes % PAGE_BYTES === 0;
}

function isDone({ returned, firmwareError, vmmError }: SevGuestAnswer): boolean {
  return returned >= 0 && firmwareError === 0 && vmmError === 0;
}

/** The host slows requests down; most kernels wait for it themselves. */
function isBusy({ vmmError, errno }: SevGuestAnswer): boolean {
  const name = ERRNO_NAMES.get(errno);
  return vmmError === VMM_ERROR.busy || name === "EAGAIN" || name === "EBUSY";
}

function failureOf(answer: SevGuestAnswer): ContrastError {
  const action = "Cannot get a report of /dev/sev-guest";
  const { errno, firmwareError, vmmError } = answer;
  const name = ERRNO_NAMES.get(errno) ?? `error ${errno}`;
  const details = { errno: name, firmwareError, vmmError };
  if (isBusy(answer)) {
    return new ContrastError("issuer/busy", `${action}: the host takes no request now (${name})`, { details });
  }
  if (firmwareError !== 0) {
    const fact = `the firmware says: ${describeFirmwareError(firmwareError)}`;
    return new ContrastError("issuer/host-failed", `${action}: ${fact}`, { details });
  }
  if (vmmError !== 0) {
    return new ContrastError("issuer/host-failed", `${action}: the host answered with error ${vmmError}`, { details });
  }
  return kernelError(action, ERRNO_NAMES.get(errno), new Error(name));
}
