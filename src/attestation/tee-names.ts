/** The kinds of hardware as their vendors write them. */
export const TEE_NAMES = { snp: "AMD SEV-SNP", tdx: "Intel TDX" } as const;
