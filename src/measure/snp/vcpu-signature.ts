/** Family, model and stepping of a virtual processor. */
export interface VcpuModel {
  /** 0 to 270. */
  readonly family: number;
  /** 0 to 255. */
  readonly model: number;
  /** 0 to 15. */
  readonly stepping: number;
}

const MODELS = {
  naples: { family: 23, model: 1, stepping: 2 },
  rome: { family: 23, model: 49, stepping: 0 },
  milan: { family: 25, model: 1, stepping: 1 },
  genoa: { family: 25, model: 17, stepping: 0 },
  turin: { family: 26, model: 0, stepping: 0 },
} as const satisfies Record<string, VcpuModel>;

/**
 * The types of QEMU and what their CPUID says. Later versions of a type (`-v2`) change features, never these numbers.
 *
 * @see qemu `target/i386/cpu.c`, `builtin_x86_defs`
 */
const QEMU_TYPES: Readonly<Record<string, { readonly model: VcpuModel; readonly versions: number }>> = {
  EPYC: { model: MODELS.naples, versions: 5 },
  "EPYC-Rome": { model: MODELS.rome, versions: 5 },
  "EPYC-Milan": { model: MODELS.milan, versions: 3 },
  "EPYC-Genoa": { model: MODELS.genoa, versions: 2 },
  "EPYC-Turin": { model: MODELS.turin, versions: 1 },
};

/** Every type by name, with and without its versions. */
export const VCPU_TYPES: ReadonlyMap<string, VcpuModel> = new Map([
  ...Object.entries(QEMU_TYPES).flatMap(([name, { model, versions }]) => [
    [name, model] as const,
    ...Array.from({ length: versions }, (_, index) => [`${name}-v${index + 1}`, model] as const),
  ]),
  ["EPYC-IBPB", MODELS.naples],
]);

const EXTENDED_FAMILY = 0x0f;

/**
 * CPUID(1).EAX of a virtual processor, which KVM puts into RDX when a processor starts.
 *
 *     bits 0-3 stepping, 4-7 base model, 8-11 base family, 16-19 extended model, 20-27 extended family
 *
 * @see AMD 24594 (AMD64 APM volume 3), CPUID Fn0000_0001_EAX
 */
export function vcpuSignature({ family, model, stepping }: VcpuModel): number {
  const base = Math.min(family, EXTENDED_FAMILY);
  return ((family - base) << 20) | ((model >> 4) << 16) | (base << 8) | ((model & 0xf) << 4) | stepping;
}
