/** What the rules of lint know beside the YAML. */
export interface LintOptions {
  /** Where the deployment will run; undefined where nobody said it, so that rules about platforms stay silent. */
  readonly platform: LintPlatform | undefined;
  /** Images that generate replaces, with their replacements: the images of the release. */
  readonly images: ReadonlyMap<string, string>;
  /** No sidecar is injected, whatever annotations say. */
  readonly skipServiceMesh: boolean;
  /** Length of the rules text in every policy, which counts against the limit of annotations. */
  readonly policyRulesBytes: number;
}

/** What rules ask about a platform. */
export interface LintPlatform {
  /** As printed, such as `K3s-QEMU-SNP`. */
  readonly display: string;
  readonly gpu: boolean;
}
