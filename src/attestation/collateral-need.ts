/** Product lines of AMD processors with SEV-SNP. */
export type SnpProduct = "Milan" | "Genoa" | "Turin";

/** Which key of an AMD processor signs its reports: the chip's own, or one loaded by a cloud provider. */
export type SnpSigningKey = "VCEK" | "VLEK";

/** Security version numbers of an SNP platform; each is 0 to 255 and only ever compared part by part. */
export interface TcbVersion {
  /** Turin only; undefined elsewhere. */
  readonly fmc: number | undefined;
  readonly bootloader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
}

/** One thing beside the evidence that a verification needs. All of it is signed by the vendor. */
export type CollateralNeed =
  /** The certificate of one chip at one TCB, DER. `chipIdHex`: 128 lower-case digits (16 for Turin). */
  | {
      readonly kind: "amd-vcek";
      readonly product: SnpProduct;
      readonly chipIdHex: string;
      readonly tcb: TcbVersion;
    }
  /** ASK or ASVK, then ARK, PEM. */
  | { readonly kind: "amd-chain"; readonly product: SnpProduct; readonly signingKey: SnpSigningKey }
  /** DER, signed by the ARK. */
  | { readonly kind: "amd-crl"; readonly product: SnpProduct; readonly signingKey: SnpSigningKey }
  /** JSON of Intel PCS API v4 with issuer chain. `fmspc`: 12 lower-case hexadecimal digits. */
  | { readonly kind: "intel-tcb-info"; readonly fmspc: string }
  | { readonly kind: "intel-qe-identity" }
  /** DER with issuer chain. */
  | { readonly kind: "intel-pck-crl"; readonly ca: "platform" | "processor" }
  /** DER. */
  | { readonly kind: "intel-root-crl" };

/** Where a piece of collateral came from. */
export type CollateralOrigin = "evidence" | "file" | "bundle" | "cache" | "network";

/** One piece of collateral as its vendor publishes it; nothing in it is verified yet. */
export interface CollateralItem {
  readonly need: CollateralNeed;
  /** The vendor's own address, also where a mirror, a file or the cache delivered it. */
  readonly url: string;
  /** The body, byte for byte. */
  readonly body: Uint8Array;
  /** PEM of the issuer chain header of Intel's service: signing certificate, then root. */
  readonly issuerChainPem: string | undefined;
  readonly origin: CollateralOrigin;
  /** When it was fetched from its vendor; undefined where that is not known (evidence, loose files). */
  readonly fetchedAt: Date | undefined;
  /** Why an old copy had to do, such as `https://… answered 429`; for the verdict's text. */
  readonly note: string | undefined;
}

/** What a source of collateral says about one need. */
export type CollateralAnswer =
  | { readonly found: true; readonly item: CollateralItem }
  /** `reason` without final period, with URL, status and the command or flag that would help in `remedy`. */
  | { readonly found: false; readonly reason: string; readonly remedy: string };

/** Collateral that was gathered for one verification. */
export interface CollateralSet {
  /** @returns `found: false` also for a need that nobody asked for */
  answer(need: CollateralNeed): CollateralAnswer;
}
