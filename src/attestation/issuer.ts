import type { Evidence } from "./evidence.ts";
import type { PresentedEvidence } from "./validator.ts";

/** Makes evidence about the machine that the program runs in. */
export interface EvidenceIssuer {
  readonly tee: Evidence["tee"];
  /** Where the evidence comes from, for the log: `configfs-tsm (sev_guest)`, `/dev/sev-guest`, `simulated chip`. */
  readonly source: string;
  /**
   * Makes evidence bound to 64 bytes of report data, as it stands in a certificate. May be called while an earlier call
   * is under way; may take seconds.
   *
   * @throws ContrastError `issuer/…`, `lib/interrupted`
   */
  readonly issue: (reportData: Uint8Array, signal: AbortSignal) => Promise<PresentedEvidence>;
}
