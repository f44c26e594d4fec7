/** What the caller wants to find in the evidence itself, of either kind; what is undefined is not judged. */
export interface EvidenceExpectations {
  /** 64 bytes that the evidence is bound to. */
  readonly reportData?: Uint8Array | undefined;
  /** SHA-256 of the policy that the guest was started with, 32 bytes. */
  readonly hostData?: Uint8Array | undefined;
  /** The same where any of several policies is good; none is in an empty list. */
  readonly hostDataOneOf?: readonly Uint8Array[] | undefined;
}
