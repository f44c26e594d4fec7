/** What differs between platforms, as the tables of the release have it. */
export interface PlatformColumn {
  readonly platform: string;
  readonly display: string;
  /** Default memory of the VM, 170 MiB for the shim and the hypervisor. */
  readonly overhead: string;
  readonly containerd: string;
  readonly socket: string;
}

const ORDINARY = { containerd: "/var/lib/containerd", socket: "/run/containerd/containerd.sock" };
const RANCHER = {
  containerd: "/var/lib/rancher/k3s/agent/containerd",
  socket: "/run/k3s/containerd/containerd.sock",
};

/** One row for each platform. */
export const PLATFORM_COLUMNS: readonly PlatformColumn[] = [
  { platform: "aks-clh-snp", display: "AKS-CLH-SNP", overhead: "426Mi", ...ORDINARY },
  { platform: "k3s-qemu-tdx", display: "K3s-QEMU-TDX", overhead: "682Mi", ...RANCHER },
  { platform: "k3s-qemu-snp", display: "K3s-QEMU-SNP", overhead: "682Mi", ...RANCHER },
  { platform: "rke2-qemu-tdx", display: "RKE2-QEMU-TDX", overhead: "682Mi", ...RANCHER },
  { platform: "metal-qemu-snp", display: "Metal-QEMU-SNP", overhead: "682Mi", ...ORDINARY },
  { platform: "metal-qemu-tdx", display: "Metal-QEMU-TDX", overhead: "682Mi", ...ORDINARY },
  { platform: "k3s-qemu-snp-gpu", display: "K3s-QEMU-SNP-GPU", overhead: "1194Mi", ...RANCHER },
  { platform: "metal-qemu-snp-gpu", display: "Metal-QEMU-SNP-GPU", overhead: "1194Mi", ...ORDINARY },
];
