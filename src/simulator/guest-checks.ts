import { ContrastError } from "../lib/errors.ts";
import type { SimulatedGuest } from "./simulated-machine.ts";

/** Where the evidence of this room comes from, for the log. */
export const SIMULATED_SOURCE = "simulated chip";

const POLICY_HASH_BYTES = 32;
const LAUNCH_DIGEST_BYTES = 48;
const RTMR_COUNT = 4;
const REPORT_DATA_BYTES = 64;

/**
 * Lets through guests whose members fit their fields in evidence.
 *
 * @throws ContrastError `simulator/guest-invalid`
 */
export function checkGuest(guest: SimulatedGuest): SimulatedGuest {
  const { policyHash, launchDigest, rtmrs } = guest;
  checkSize("policy hash", policyHash, POLICY_HASH_BYTES);
  if (launchDigest !== undefined) checkSize("launch digest", launchDigest, LAUNCH_DIGEST_BYTES);
  if (rtmrs !== undefined && rtmrs.length !== RTMR_COUNT) {
    const fact = `got ${rtmrs.length} run-time measurements, need ${RTMR_COUNT}`;
    throw new ContrastError("simulator/guest-invalid", `Cannot simulate guest: ${fact}`);
  }
  for (const rtmr of rtmrs ?? []) checkSize("run-time measurement", rtmr, LAUNCH_DIGEST_BYTES);
  return guest;
}

/**
 * Refuses what hardware would refuse, and whoever does not wait any more.
 *
 * @throws ContrastError `lib/internal`, `lib/interrupted`
 */
export function checkReportData(reportData: Uint8Array, signal: AbortSignal): void {
  if (signal.aborted) {
    throw new ContrastError("lib/interrupted", "Cannot make evidence: interrupted", { cause: signal.reason });
  }
  if (reportData.length === REPORT_DATA_BYTES) return;
  const fact = `got ${reportData.length} bytes of report data, need ${REPORT_DATA_BYTES}`;
  throw new ContrastError("lib/internal", `Cannot make evidence: ${fact}`);
}

function checkSize(what: string, bytes: Uint8Array, size: number): void {
  if (bytes.length === size) return;
  throw new ContrastError(
    "simulator/guest-invalid",
    `Cannot simulate guest: got ${bytes.length} bytes of ${what}, need ${size}`,
  );
}
