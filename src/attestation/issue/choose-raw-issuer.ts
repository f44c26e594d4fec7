import { ContrastError } from "../../lib/errors.ts";
import type { KernelInterfaces } from "./kernel-interfaces.ts";
import type { RawIssuer } from "./raw-evidence.ts";
import { readSevGuestReport } from "./sev-guest.ts";
import { readTsmReport, readTsmTee } from "./tsm-report.ts";

const SEV_GUEST = "/dev/sev-guest";
const TDX_GUEST = "/dev/tdx_guest";

/** Errors of configfs with which a device may still work. */
const TRY_DEVICE: ReadonlySet<string> = new Set([
  "issuer/forbidden",
  "issuer/provider-missing",
  "issuer/provider-unsupported",
]);

/**
 * Finds the interface through which this machine makes evidence: configfs-tsm, else `/dev/sev-guest`. The device of TDX
 * alone does not do: a quote needs the host's service, to which only configfs-tsm leads.
 *
 * @throws ContrastError `issuer/no-tee`, `issuer/quotes-unavailable`, `issuer/forbidden`, `issuer/provider-missing`,
 *   `issuer/provider-unsupported`, `issuer/kernel-error`, `lib/interrupted`
 */
export async function chooseRawIssuer(kernel: KernelInterfaces, signal: AbortSignal): Promise<RawIssuer> {
  const { tsm } = kernel;
  let obstacle: ContrastError | undefined;
  const tee = await readTsmTee(tsm, signal).catch((error: unknown) => {
    if (!(error instanceof ContrastError) || !TRY_DEVICE.has(error.code)) throw error;
    obstacle = error;
    return undefined;
  });
  if (tee !== undefined) {
    return {
      tee,
      source: `configfs-tsm (${tee === "snp" ? "sev_guest" : "tdx_guest"})`,
      request: (reportData, signal) => readTsmReport(tsm, { reportData }, signal),
    };
  }
  if (await kernel.hasDevice(SEV_GUEST)) {
    return {
      tee: "snp",
      source: SEV_GUEST,
      request: (reportData) =>
        kernel.withDevice(SEV_GUEST, (ioctl, descriptor) => readSevGuestReport(ioctl, descriptor, reportData)),
    };
  }
  if (obstacle !== undefined) throw obstacle;
  if (await kernel.hasDevice(TDX_GUEST)) {
    throw new ContrastError(
      "issuer/quotes-unavailable",
      `Cannot issue evidence: there is ${TDX_GUEST} but no ${tsm.path}, and without it the kernel makes no quotes`,
      { hint: "Use Linux 6.7 or later with CONFIG_TSM_REPORTS and mount configfs on /sys/kernel/config." },
    );
  }
  throw new ContrastError(
    "issuer/no-tee",
    `Cannot issue evidence: this machine is no confidential VM: found none of ${tsm.path}, ${SEV_GUEST}, ${TDX_GUEST}`,
    {
      hint: "Run this in an SEV-SNP or TDX guest; where it is one, mount configfs and give the container access to it.",
    },
  );
}
