/**
 * Platforms in the order of listings, for help and completion; flags take them in any letter case. Apart from
 * `manifest/platforms.ts`, so that a definition loads nothing but words; a test keeps the two the same.
 */
export const PLATFORM_NAMES = [
  "aks-clh-snp",
  "k3s-qemu-tdx",
  "k3s-qemu-snp",
  "rke2-qemu-tdx",
  "metal-qemu-snp",
  "metal-qemu-tdx",
  "k3s-qemu-snp-gpu",
  "metal-qemu-snp-gpu",
];
