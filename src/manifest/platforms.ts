import { ContrastError } from "../lib/errors.ts";
import { similarNames } from "../terminal/similar-names.ts";

/** One kind of host that a deployment can be made for. */
export interface Platform {
  /** As typed by users, lower case, such as `k3s-qemu-snp`. */
  readonly name: string;
  /** As printed, such as `K3s-QEMU-SNP`. */
  readonly display: string;
  /** The list of reference values that the platform's reports are checked against. */
  readonly tee: "snp" | "tdx";
  readonly gpu: boolean;
  /** The built-in policy settings that fit the platform's runtime. */
  readonly profile: "aks" | "metal";
}

/** Every platform, in the order of listings. */
export const PLATFORMS: readonly Platform[] = [
  { name: "aks-clh-snp", display: "AKS-CLH-SNP", tee: "snp", gpu: false, profile: "aks" },
  { name: "k3s-qemu-tdx", display: "K3s-QEMU-TDX", tee: "tdx", gpu: false, profile: "metal" },
  { name: "k3s-qemu-snp", display: "K3s-QEMU-SNP", tee: "snp", gpu: false, profile: "metal" },
  { name: "rke2-qemu-tdx", display: "RKE2-QEMU-TDX", tee: "tdx", gpu: false, profile: "metal" },
  { name: "metal-qemu-snp", display: "Metal-QEMU-SNP", tee: "snp", gpu: false, profile: "metal" },
  { name: "metal-qemu-tdx", display: "Metal-QEMU-TDX", tee: "tdx", gpu: false, profile: "metal" },
  { name: "k3s-qemu-snp-gpu", display: "K3s-QEMU-SNP-GPU", tee: "snp", gpu: true, profile: "metal" },
  { name: "metal-qemu-snp-gpu", display: "Metal-QEMU-SNP-GPU", tee: "snp", gpu: true, profile: "metal" },
];

/**
 * Finds a platform by its name in any letter case.
 *
 * @throws ContrastError `manifest/platform-unknown`
 */
export function parsePlatform(text: string): Platform {
  const name = text.toLowerCase();
  const platform = PLATFORMS.find((candidate) => candidate.name === name);
  if (platform === undefined) {
    const names = PLATFORMS.map((known) => known.name);
    const similar = similarNames(name, names);
    throw new ContrastError("manifest/platform-unknown", `unknown platform: ${text}`, {
      hint:
        similar.length === 1
          ? `Did you mean ${similar[0]}?`
          : `Choose one of ${(similar[0] === undefined ? names : similar).join(", ")}.`,
      details: { actual: text },
    });
  }
  return platform;
}
