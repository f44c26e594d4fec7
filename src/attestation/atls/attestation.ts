import type { Evidence } from "../evidence.ts";
import type { PresentedEvidence } from "../validator.ts";
import type { Verdict, Verified } from "../verdict.ts";

/** What was learnt about the peer of one connection, enough to check it again later. */
export interface Attestation {
  /** Of this connection only; 32 bytes. */
  readonly nonce: Uint8Array;
  /** The certificate of the peer. */
  readonly certificateDer: Uint8Array;
  /** Its key, DER. */
  readonly spkiDer: Uint8Array;
  /** What the evidence had to be bound to: 64 bytes, from key and nonce. */
  readonly reportData: Uint8Array;
  /** The evidence as it was presented. */
  readonly presented: PresentedEvidence;
  readonly verdict: Verdict<Evidence>;
  readonly evidence: Verified<Evidence>;
}
