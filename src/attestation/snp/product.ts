import type { SnpProduct } from "../collateral-need.ts";
import type { SnpCpuid } from "./snp-report.ts";

const PRODUCTS: readonly SnpProduct[] = ["Milan", "Genoa", "Turin"];

/** CPUID models that AMD maps onto each product line, first and last model included. */
const MODEL_RANGES: readonly (readonly [family: number, first: number, last: number, product: SnpProduct])[] = [
  [0x19, 0x00, 0x0f, "Milan"],
  [0x19, 0x10, 0x1f, "Genoa"],
  [0x19, 0xa0, 0xaf, "Genoa"],
  [0x1a, 0x00, 0x11, "Turin"],
];

/** The product line of a processor by its CPUID bytes; undefined for those that have no SEV-SNP or came later. */
export function productOfCpuid(cpuid: SnpCpuid): SnpProduct | undefined {
  const range = MODEL_RANGES.find(
    ([family, first, last]) => cpuid.family === family && first <= cpuid.model && cpuid.model <= last,
  );
  return range?.[3];
}

/** The product line of a certificate's product name, such as `Milan-B0`; its stepping means nothing (AMD's service is unreliable there). */
export function productOfName(name: string): SnpProduct | undefined {
  const line = name.split("-", 1)[0];
  return PRODUCTS.find((product) => product === line);
}
