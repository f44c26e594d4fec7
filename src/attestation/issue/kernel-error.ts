import type { ErrorCode } from "../../lib/error-codes.ts";
import { ContrastError, messageOf } from "../../lib/errors.ts";

/** How a failure of the kernel's attestation interfaces is told. */
interface KernelFailure {
  readonly code: ErrorCode;
  readonly meaning: string;
  readonly hint?: string;
}

/** By the kernel's name of the error. */
const FAILURES: Readonly<Record<string, KernelFailure>> = {
  EBUSY: { code: "issuer/busy", meaning: "another request is under way" },
  EAGAIN: { code: "issuer/busy", meaning: "the machine takes no request now" },
  EINVAL: { code: "issuer/request-refused", meaning: "the kernel refuses the request" },
  EFBIG: { code: "issuer/request-refused", meaning: "the kernel refuses the request as too large" },
  ETIMEDOUT: {
    code: "issuer/host-silent",
    meaning: "the host did not answer in time",
    hint: "Ask the operator of the host whether its quote generation service runs and can be reached.",
  },
  EIO: {
    code: "issuer/host-failed",
    meaning: "the firmware or the quoting service of the host failed",
    hint: "Look into the kernel's log of this machine and of its host; a restart of the machine may be needed.",
  },
  ENXIO: {
    code: "issuer/provider-missing",
    meaning: "the kernel has no driver that makes evidence",
    hint: "Load the driver of the machine's TEE: sev-guest or tdx-guest.",
  },
  ENOTTY: {
    code: "issuer/provider-missing",
    meaning: "the driver cannot make evidence any more, because the kernel has disabled its key after an error",
    hint: "Restart the machine; the kernel's log says what the error was.",
  },
  EACCES: { code: "issuer/forbidden", meaning: "permission denied" },
  EPERM: { code: "issuer/forbidden", meaning: "the operation is not permitted" },
  EROFS: { code: "issuer/forbidden", meaning: "the file system is mounted read-only" },
};

const FORBIDDEN_HINT =
  "Run as root, and where this is a container let it write to /sys/kernel/config/tsm or use /dev/sev-guest.";

/** The kernel's name of an error, such as `EBUSY`; undefined for anything else that was thrown. */
export function errnoNameOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * A failure of the kernel as an error of this room.
 *
 * @param action such as `Cannot read "outblob" of the TSM report`
 * @param name the kernel's name of the error; undefined where it has none
 */
export function kernelError(action: string, name: string | undefined, cause: unknown): ContrastError {
  const known = name === undefined ? undefined : FAILURES[name];
  const details = { errno: name ?? "unknown" };
  if (known === undefined) {
    return new ContrastError("issuer/kernel-error", `${action}: ${messageOf(cause)}`, { cause, details });
  }
  const { code, meaning, hint } = known;
  return new ContrastError(code, `${action}: ${meaning} (${name})`, {
    cause,
    hint: hint ?? (code === "issuer/forbidden" ? FORBIDDEN_HINT : undefined),
    details,
  });
}
