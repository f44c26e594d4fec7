import type { CollateralNeed, SnpProduct, TcbVersion } from "../attestation/collateral-need.ts";
import type { Manifest, SnpReferenceValues, SnpTcb } from "./schema.ts";

/** A piece of collateral and the entry of the manifest that makes it necessary. */
export interface ManifestCollateral {
  readonly need: CollateralNeed;
  /** Such as `ReferenceValues.snp[0]`. */
  readonly source: string;
}

const PRODUCTS: Readonly<Record<string, SnpProduct>> = { Milan: "Milan", Genoa: "Genoa" };

/**
 * What can be said from the manifest alone about the collateral of its machines. For SNP the chain and the CRL of each
 * product line, and the VCEK of each allowed chip at the minimum TCB; a machine with newer firmware has another one,
 * which only its evidence names. For TDX all but the TCB info, which depends on the processor.
 *
 * Values that are still empty add nothing; the manifest need not be valid.
 */
export function manifestCollateral({ referenceValues }: Manifest): readonly ManifestCollateral[] {
  const snp = (referenceValues.snp ?? []).flatMap((entry, index) =>
    snpNeeds(entry).map((need) => ({ need, source: `ReferenceValues.snp[${index}]` })),
  );
  const tdx = (referenceValues.tdx ?? []).flatMap((_, index) =>
    TDX_NEEDS.map((need) => ({ need, source: `ReferenceValues.tdx[${index}]` })),
  );
  return [...snp, ...tdx];
}

/** TDX machines have PCK certificates of the Platform CA. */
const TDX_NEEDS: readonly CollateralNeed[] = [
  { kind: "intel-qe-identity" },
  { kind: "intel-pck-crl", ca: "platform" },
  { kind: "intel-root-crl" },
];

function snpNeeds({ productName, minimumTcb, allowedChipIds }: SnpReferenceValues): readonly CollateralNeed[] {
  const product = Object.hasOwn(PRODUCTS, productName) ? PRODUCTS[productName] : undefined;
  if (product === undefined) return [];
  const tcb = tcbOf(minimumTcb);
  const chips = (allowedChipIds ?? []).filter((chipId) => /^[0-9a-fA-F]{128}$/.test(chipId));
  const vceks = chips.flatMap((chipId): readonly CollateralNeed[] =>
    tcb === undefined ? [] : [{ kind: "amd-vcek", product, chipIdHex: chipId.toLowerCase(), tcb }],
  );
  return [
    { kind: "amd-chain", product, signingKey: "VCEK" },
    { kind: "amd-crl", product, signingKey: "VCEK" },
    ...vceks,
  ];
}

function tcbOf({ bootloaderVersion, teeVersion, snpVersion, microcodeVersion }: SnpTcb): TcbVersion | undefined {
  if (bootloaderVersion === null || teeVersion === null || snpVersion === null || microcodeVersion === null) {
    return undefined;
  }
  return {
    fmc: undefined,
    bootloader: bootloaderVersion,
    tee: teeVersion,
    snp: snpVersion,
    microcode: microcodeVersion,
  };
}
