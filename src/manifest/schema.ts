import type { UnknownFields } from "../lib/go-json/go-json-codec.ts";
import { NO_UNKNOWN_FIELDS } from "../lib/go-json/go-json-codec.ts";

/**
 * What a deployment is expected to be: who may get certificates, what hardware and software state is trusted, who may
 * change it. Byte strings are hexadecimal text; lists are `null` where Go's decoder leaves them nil.
 */
export interface Manifest {
  /** By policy hash: SHA-256 of the policy text, 64 hexadecimal digits. */
  readonly policies: ReadonlyMap<string, PolicyEntry>;
  readonly referenceValues: ReferenceValues;
  /** SHA-256 of the SPKI DER of each workload owner key, 32 bytes each. */
  readonly workloadOwnerKeyDigests: readonly string[] | null;
  /** PKCS #1 `RSAPublicKey` DER of each seed share owner key. */
  readonly seedshareOwnerPubKeys: readonly string[] | null;
  readonly unknown: UnknownFields;
}

/** What the manifest says about the workloads with one policy. */
export interface PolicyEntry {
  /** DNS names, IP addresses and URIs of the workload's certificate. */
  readonly sans: readonly string[] | null;
  /** Workload secrets derive from it; empty for none. */
  readonly workloadSecretId: string;
  /** `coordinator`, or empty for every other workload; unknown to version 1.4. */
  readonly role: string;
  readonly unknown: UnknownFields;
}

/** What hardware and guest are trusted, one entry for each accepted state. */
export interface ReferenceValues {
  readonly snp: readonly SnpReferenceValues[] | null;
  readonly tdx: readonly TdxReferenceValues[] | null;
  readonly unknown: UnknownFields;
}

/** An accepted state of an AMD SEV-SNP guest and its host. */
export interface SnpReferenceValues {
  readonly minimumTcb: SnpTcb;
  /** `Milan` or `Genoa`. */
  readonly productName: string;
  /** Launch digest, 48 bytes. */
  readonly trustedMeasurement: string;
  /** Absent before version 1.7, where a constant of the verifier stands in. */
  readonly guestPolicy: SnpGuestPolicyValues | undefined;
  readonly platformInfo: SnpPlatformInfoValues | undefined;
  /** 64 bytes each; absent or empty allows every chip. */
  readonly allowedChipIds: readonly string[] | null;
  readonly unknown: UnknownFields;
}

/** Lowest accepted security versions, 0 to 255 each; `null` where the user still has to choose. */
export interface SnpTcb {
  readonly bootloaderVersion: number | null;
  readonly teeVersion: number | null;
  readonly snpVersion: number | null;
  readonly microcodeVersion: number | null;
  readonly unknown: UnknownFields;
}

/** The guest policy that is accepted. Members of later versions are among `unknown`. */
export interface SnpGuestPolicyValues {
  readonly abiMinor: number;
  readonly abiMajor: number;
  readonly smt: boolean;
  readonly migrateMa: boolean;
  readonly debug: boolean;
  readonly singleSocket: boolean;
  readonly unknown: UnknownFields;
}

/** What the host may or must have switched on. Members of later versions are among `unknown`. */
export interface SnpPlatformInfoValues {
  readonly smtEnabled: boolean;
  readonly tsmeEnabled: boolean;
  readonly eccEnabled: boolean;
  readonly raplDisabled: boolean;
  readonly ciphertextHidingDramEnabled: boolean;
  readonly aliasCheckComplete: boolean;
  readonly unknown: UnknownFields;
}

/** An accepted state of an Intel TDX guest and its host. */
export interface TdxReferenceValues {
  /** 48 bytes. */
  readonly mrTd: string;
  /** Four values of 48 bytes under the name of version 1.4, `Rtrms`. */
  readonly rtrms: readonly string[] | undefined;
  /** The same under the name of later versions, `Rtmrs`. */
  readonly rtmrs: readonly string[] | undefined;
  readonly minimumQeSvn: number | null;
  readonly minimumPceSvn: number | null;
  /** 16 bytes. */
  readonly minimumTeeTcbSvn: string;
  /** 48 bytes. */
  readonly mrSeam: string;
  /** 8 bytes in the byte order of the quote. */
  readonly tdAttributes: string;
  /** 8 bytes in the byte order of the quote. */
  readonly xfam: string;
  readonly unknown: UnknownFields;
}

/** A manifest that trusts the given values and names no workload and no owner. */
export function defaultManifest(referenceValues: ReferenceValues): Manifest {
  return {
    policies: new Map(),
    referenceValues,
    workloadOwnerKeyDigests: null,
    seedshareOwnerPubKeys: null,
    unknown: NO_UNKNOWN_FIELDS,
  };
}

/** The four run-time measurement registers of an entry, whichever spelling its file uses. */
export function runtimeMeasurements(entry: TdxReferenceValues): readonly string[] {
  return entry.rtrms ?? entry.rtmrs ?? [];
}

/** How an entry spells the name of its run-time measurement registers. */
export function runtimeMeasurementsKey({ rtrms, rtmrs }: TdxReferenceValues): "Rtrms" | "Rtmrs" {
  return rtrms === undefined && rtmrs !== undefined ? "Rtmrs" : "Rtrms";
}
