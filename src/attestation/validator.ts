import type { Evidence } from "./evidence.ts";
import type { Verdict } from "./verdict.ts";

/** Certificate extensions that carry evidence; compared for equality, never by prefix. */
export const EVIDENCE_OIDS = { snp: "1.3.9901.2.1", tdx: "1.3.9901.2.2" } as const;

/** Evidence as a peer presented it in its certificate. */
export interface PresentedEvidence {
  readonly oid: string;
  /** Content of the extension. */
  readonly value: Uint8Array;
}

/**
 * Judges evidence of a peer. Implementations fetch what collateral they need and never throw for bad evidence: the
 * verdict says what is wrong.
 *
 * @param reportData the 64 bytes that the evidence must be bound to
 */
export type EvidenceValidator = (
  presented: PresentedEvidence,
  reportData: Uint8Array,
  signal: AbortSignal,
) => Promise<Verdict<Evidence>>;
