/** What changed between two manifests, in the order of listings. */
export type ChangeArea = "policies" | "reference-values" | "workload-owners" | "seedshare-owners" | "other";

/** `raised` and `lowered` say how a minimum moved: a lowered one trusts machines that were not trusted before. */
export type ChangeKind = "added" | "removed" | "changed" | "raised" | "lowered";

/** One difference in meaning. */
export interface ManifestChange {
  readonly area: ChangeArea;
  readonly kind: ChangeKind;
  /** What it is about, such as `apps/v1/Deployment/shop/api` or `snp[0] (Milan)`. */
  readonly subject: string;
  /** The part that changed, such as `policy`, `SANs` or `MinimumTCB.SNPVersion`; undefined for the whole. */
  readonly field?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}
