import { flagsOf } from "./masked-bytes.ts";

/** Bits of TD_ATTRIBUTES. @see Intel TDX Module ABI, TD_ATTRIBUTES */
const TD_ATTRIBUTE_BITS: readonly (readonly [bit: number, name: string])[] = [
  [0, "DEBUG"],
  [28, "SEPT_VE_DISABLE"],
  [29, "MIGRATABLE"],
  [30, "PKS"],
  [31, "KL"],
  [63, "PERFMON"],
];

/** Bits of XFAM, which are those of XCR0 and IA32_XSS. @see Intel SDM volume 1, 13.1 */
const XFAM_BITS: readonly (readonly [bit: number, name: string])[] = [
  [0, "x87"],
  [1, "SSE"],
  [2, "AVX"],
  [5, "AVX-512 opmask"],
  [6, "AVX-512 ZMM_Hi256"],
  [7, "AVX-512 Hi16_ZMM"],
  [8, "PT"],
  [9, "PKU"],
  [10, "PASID"],
  [11, "CET_U"],
  [12, "CET_S"],
  [13, "HDC"],
  [14, "UINTR"],
  [15, "LBR"],
  [16, "HWP"],
  [17, "AMX TILECFG"],
  [18, "AMX TILEDATA"],
];

/** Names of the attributes that are set, `none` without any. */
export function renderTdAttributes(attributes: Uint8Array): string {
  return renderBits(flagsOf(attributes), TD_ATTRIBUTE_BITS);
}

/** Names of the processor features that are enabled. */
export function renderXfam(xfam: Uint8Array): string {
  return renderBits(flagsOf(xfam), XFAM_BITS);
}

function renderBits(flags: bigint, names: readonly (readonly [bit: number, name: string])[]): string {
  const known = new Map(names);
  const set = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((flags >> BigInt(bit)) & 1n) === 1n);
  return set.map((bit) => known.get(bit) ?? `bit ${bit}`).join(", ") || "none";
}
