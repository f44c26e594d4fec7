import type { Evidence } from "../evidence.ts";
import type { EvidenceValidator, PresentedEvidence } from "../validator.ts";
import type { Verdict } from "../verdict.ts";

/** One piece of evidence and what was found about it. */
export interface JudgedEvidence {
  readonly piece: PresentedEvidence;
  readonly verdict: Verdict<Evidence>;
}

/**
 * Judges evidence of different kinds in the order of the certificate until a piece is accepted. Of what was not
 * accepted, "checked and refused" says more than "could not be checked".
 *
 * @param reportData what each piece must be bound to, 64 bytes
 */
export async function judgePresented(
  [first, ...others]: readonly [PresentedEvidence, ...PresentedEvidence[]],
  reportData: Uint8Array,
  validate: EvidenceValidator,
  signal: AbortSignal,
): Promise<JudgedEvidence> {
  let judged: JudgedEvidence = { piece: first, verdict: await validate(first, reportData, signal) };
  for (const piece of others) {
    if (judged.verdict.outcome === "accepted") break;
    const verdict = await validate(piece, reportData, signal);
    if (verdict.outcome !== "unknown") judged = { piece, verdict };
  }
  return judged;
}
