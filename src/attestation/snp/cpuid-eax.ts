import type { SnpCpuid } from "./snp-report.ts";

const EXTENDED = 0x0f;

/**
 * Family, model and stepping as CPUID(1).EAX has them.
 *
 *     bits 0-3 stepping, 4-7 base model, 8-11 base family, 16-19 extended model, 20-27 extended family
 *
 * @see AMD 24594 (AMD64 APM volume 3), CPUID Fn0000_0001_EAX
 */
export function encodeCpuidEax({ family, model, stepping }: SnpCpuid): number {
  const base = Math.min(family, EXTENDED);
  return ((family - base) << 20) | ((model >> 4) << 16) | (base << 8) | ((model & 0xf) << 4) | (stepping & 0xf);
}

/** The inverse of `encodeCpuidEax`; undefined for numbers that it never gives. */
export function decodeCpuidEax(eax: number): SnpCpuid | undefined {
  const base = (eax >>> 8) & 0xf;
  const family = base + ((eax >>> 20) & 0xff);
  const cpuid = { family, model: (((eax >>> 16) & 0xf) << 4) | ((eax >>> 4) & 0xf), stepping: eax & 0xf };
  return family <= 0xff && encodeCpuidEax(cpuid) === eax ? cpuid : undefined;
}
