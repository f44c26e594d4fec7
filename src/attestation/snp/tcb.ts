import type { SnpProduct, TcbVersion } from "../collateral-need.ts";

/** Names of the parts of a TCB version. */
export type TcbPart = keyof TcbVersion;

/** Which byte holds which part; undefined where the product has no such part. */
type TcbLayout = Readonly<Record<TcbPart, number | undefined>>;

const CLASSIC: TcbLayout = { fmc: undefined, bootloader: 0, tee: 1, snp: 6, microcode: 7 };
const TURIN: TcbLayout = { fmc: 0, bootloader: 1, tee: 2, snp: 3, microcode: 7 };

/** The parts in the order in which they are written. */
export const TCB_PARTS = ["fmc", "bootloader", "tee", "snp", "microcode"] as const satisfies readonly TcbPart[];

/**
 * Reads a TCB_VERSION.
 *
 *     byte         0           1           2    3    4-6       7
 *     Milan/Genoa  bootloader  tee         reserved (6: snp)   microcode
 *     Turin        fmc         bootloader  tee  snp  reserved  microcode
 *
 * @param raw the 8 bytes as a little-endian integer
 * @param product undefined is read as Milan and Genoa are
 * @see AMD 56860 (SEV-SNP ABI), structure TCB_VERSION
 */
export function parseTcb(raw: bigint, product: SnpProduct | undefined): TcbVersion {
  const layout = layoutOf(product);
  const part = (byte: number | undefined): number => Number((raw >> BigInt(8 * (byte ?? 0))) & 0xffn);
  return {
    fmc: layout.fmc === undefined ? undefined : part(layout.fmc),
    bootloader: part(layout.bootloader),
    tee: part(layout.tee),
    snp: part(layout.snp),
    microcode: part(layout.microcode),
  };
}

/** The inverse of `parseTcb`; reserved bytes are zero. */
export function composeTcb(tcb: TcbVersion, product: SnpProduct | undefined): bigint {
  const layout = layoutOf(product);
  return TCB_PARTS.reduce((raw, part) => {
    const byte = layout[part];
    return byte === undefined ? raw : raw | (BigInt(tcb[part] ?? 0) << BigInt(8 * byte));
  }, 0n);
}

/** The parts in writing order, joined by dots: `bootloader.tee.snp.microcode`, on Turin with the FMC first. */
export function renderTcb(tcb: TcbVersion): string {
  return TCB_PARTS.flatMap((part) => tcb[part] ?? []).join(".");
}

/** The parts in which the first version is above the second. */
export function tcbPartsAbove(first: TcbVersion, second: TcbVersion): readonly TcbPart[] {
  return TCB_PARTS.filter((part) => (first[part] ?? 0) > (second[part] ?? 0));
}

function layoutOf(product: SnpProduct | undefined): TcbLayout {
  return product === "Turin" ? TURIN : CLASSIC;
}
