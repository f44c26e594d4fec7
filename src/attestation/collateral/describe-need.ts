import type { CollateralNeed, TcbVersion } from "../collateral-need.ts";

/** Whether a piece of collateral is a certificate, which stays good once fetched; the rest is replaced by its dates. */
export function isCertificateNeed(need: CollateralNeed): boolean {
  return need.kind === "amd-vcek" || need.kind === "amd-chain";
}

/** Header of Intel's service that carries the issuer chain, in lower case; undefined where there is none. */
export function issuerChainHeader(need: CollateralNeed): string | undefined {
  switch (need.kind) {
    case "intel-tcb-info":
      return "tcb-info-issuer-chain";
    case "intel-qe-identity":
      return "sgx-enclave-identity-issuer-chain";
    case "intel-pck-crl":
      return "sgx-pck-crl-issuer-chain";
    case "amd-vcek":
    case "amd-chain":
    case "amd-crl":
    case "intel-root-crl":
      break;
  }
  return undefined;
}

/** A piece of collateral in words, such as `VCEK of the Milan chip 5c6f… at TCB 3.0.8.209`. */
export function describeNeed(need: CollateralNeed): string {
  switch (need.kind) {
    case "amd-vcek":
      return `VCEK of ${need.product} chip ${need.chipIdHex.slice(0, 16)}… at TCB ${tcbText(need.tcb, ".")}`;
    case "amd-chain":
      return `${need.signingKey} chain of ${need.product}`;
    case "amd-crl":
      return `${need.signingKey} CRL of ${need.product}`;
    case "intel-tcb-info":
      return `TDX TCB info of FMSPC ${need.fmspc}`;
    case "intel-qe-identity":
      return "TD QE identity";
    case "intel-pck-crl":
      return `PCK ${need.ca} CA CRL`;
    case "intel-root-crl":
      break;
  }
  return "Intel root CA CRL";
}

/** The parts of a TCB in the order of the address. */
export function tcbText({ fmc, bootloader, tee, snp, microcode }: TcbVersion, separator: string): string {
  return [...(fmc === undefined ? [] : [fmc]), bootloader, tee, snp, microcode].join(separator);
}
