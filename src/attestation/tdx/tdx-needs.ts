import { NAME_OID, nameAttribute } from "../../pki/x509/name.ts";
import type { CollateralNeed } from "../collateral-need.ts";
import type { PckChain, TdxEvidence } from "./tdx-evidence.ts";

/** What a verification does without. */
export interface TdxNeedOptions {
  readonly revocation: "required" | "waived";
  readonly collateral: "required" | "waived";
}

/** What the verification of evidence needs beside it; nothing of that stands in a quote. */
export function tdxNeeds(
  { chain, platform }: TdxEvidence,
  { revocation, collateral }: TdxNeedOptions,
): readonly CollateralNeed[] {
  const documents: readonly CollateralNeed[] = [
    { kind: "intel-tcb-info", fmspc: platform.fmspc },
    { kind: "intel-qe-identity" },
  ];
  const lists: readonly CollateralNeed[] = [pckCrlNeed(chain), { kind: "intel-root-crl" }];
  return [...(collateral === "required" ? documents : []), ...(revocation === "required" ? lists : [])];
}

/** Common names of the two authorities for PCK certificates, by the name that the service knows them by. */
export const PCK_CA_NAMES = {
  platform: "Intel SGX PCK Platform CA",
  processor: "Intel SGX PCK Processor CA",
} as const;

/** The list of the authority that issued the leaf. */
export function pckCrlNeed({ pck }: PckChain): CollateralNeed & { readonly kind: "intel-pck-crl" } {
  const isProcessor = nameAttribute(pck.issuer, NAME_OID.commonName) === PCK_CA_NAMES.processor;
  return { kind: "intel-pck-crl", ca: isProcessor ? "processor" : "platform" };
}
