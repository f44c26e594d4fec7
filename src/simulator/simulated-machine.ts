import type { CollateralItem } from "../attestation/collateral-need.ts";
import type { EvidenceIssuer } from "../attestation/issuer.ts";
import type { JsonObject } from "../lib/json.ts";

/** Machines that can be simulated. */
export const SIMULATED_PLATFORMS = ["snp-milan", "snp-genoa", "tdx"] as const;

/** One of them. */
export type SimulatedPlatform = (typeof SIMULATED_PLATFORMS)[number];

/** A guest of a simulated machine. */
export interface SimulatedGuest {
  /** SHA-256 of its policy, 32 bytes: HOST_DATA, or the first part of MR_CONFIG_ID. */
  readonly policyHash: Uint8Array;
  /** MEASUREMENT or MR_TD, 48 bytes; that of the simulated guest image where it is left out. */
  readonly launchDigest?: Uint8Array | undefined;
  /** RTMR0 to RTMR3 of a TDX guest, 48 bytes each; those of the simulated guest image where they are left out. */
  readonly rtmrs?: readonly Uint8Array[] | undefined;
  /**
   * Whether evidence of an SNP guest carries its certificates and the revocation list; without them, which is the
   * default and what Contrast 1.4 sends on bare metal, verifiers fetch them. A quote always carries its certificates.
   */
  readonly endorsements?: boolean | undefined;
}

/**
 * A machine with its chip, the authorities above it and what their services publish. All keys are its own: nothing
 * trusts it but those who are told to with `--insecure-trust-roots`.
 */
export interface SimulatedMachine {
  readonly platform: SimulatedPlatform;
  readonly tee: EvidenceIssuer["tee"];
  /** Certificates for `--insecure-trust-roots`. */
  readonly rootsPem: string;
  /** SHA-256 of the root's DER, 64 lower-case hexadecimal digits: what tells it from the vendor's of the same name. */
  readonly rootFingerprint: string;
  /**
   * Everything that the vendor's services publish about the machine. Documents are made anew: they are valid from a day
   * before to 30 days after the time, the list of Intel's root for a year.
   */
  readonly collateral: (now: Date) => readonly CollateralItem[];
  /** Makes evidence as hardware under that guest would. @param now for what is made fresh */
  readonly issuer: (guest: SimulatedGuest, now: () => Date) => EvidenceIssuer;
  /** Member `ReferenceValues` of a manifest that trusts guests of this machine. */
  readonly referenceValues: (launchDigest?: Uint8Array) => JsonObject;
  /** What a file must keep to have the same machine again; secret. */
  readonly saved: JsonObject;
}
