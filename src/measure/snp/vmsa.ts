import { PAGE_BYTES } from "../firmware-image.ts";
import { type Vmm, VMM_REGISTERS } from "./vmm.ts";

/** Guest-physical address that the processor's firmware measures every VMSA with. */
export const VMSA_ADDRESS = 0xffff_ffff_f000;

/** Where the first processor starts: the reset vector. */
export const RESET_ADDRESS = 0xffff_fff0;

/** What the state of one virtual processor depends on. */
export interface VmsaInput {
  readonly vmm: Vmm;
  /** Address of the first instruction. */
  readonly entry: number;
  /** CPUID(1).EAX of the virtual processor. */
  readonly vcpuSignature: number;
  /** SEV_FEATURES of the guest. */
  readonly guestFeatures: bigint;
}

/** Offsets of the fields that are not zero. */
const AT = {
  es: 0x00,
  cs: 0x10,
  ss: 0x20,
  ds: 0x30,
  fs: 0x40,
  gs: 0x50,
  gdtr: 0x60,
  ldtr: 0x70,
  idtr: 0x80,
  tr: 0x90,
  efer: 0xd0,
  cr4: 0x148,
  cr0: 0x158,
  dr7: 0x160,
  dr6: 0x168,
  rflags: 0x170,
  rip: 0x178,
  pat: 0x268,
  rdx: 0x310,
  sevFeatures: 0x3b0,
  xcr0: 0x3e8,
  mxcsr: 0x408,
  x87ControlWord: 0x410,
} as const;

const DATA_ATTRIBUTES = 0x93;
const LDT_ATTRIBUTES = 0x82;
const SEGMENT_LIMIT = 0xffff;
const CODE_SELECTOR = 0xf000;

/** SVM is on: the processor runs a guest. */
const EFER_SVME = 0x1000n;
const CR4_MACHINE_CHECK = 0x40n;
const CR0_EXTENSION_TYPE = 0x10n;
const DR6_RESET = 0xffff_0ff0n;
const DR7_RESET = 0x400n;
const RFLAGS_RESET = 0x2n;
const XCR0_X87 = 1n;

/**
 * Encodes the saved state that a virtual processor starts from: one page, fields little-endian. Segments are selector,
 * attributes, limit and base of 2, 2, 4 and 8 bytes.
 *
 * @see AMD 24593 (AMD64 APM volume 2), appendix B, table B-4: VMSA layout; 14.1.3: state after reset
 */
export function encodeVmsa({ vmm, entry, vcpuSignature, guestFeatures }: VmsaInput): Uint8Array {
  const registers = VMM_REGISTERS[vmm];
  const page = new Uint8Array(PAGE_BYTES);
  const view = new DataView(page.buffer);
  const segment = (offset: number, attributes: number, selector = 0, base = 0): void => {
    view.setUint16(offset, selector, true);
    view.setUint16(offset + 2, attributes, true);
    view.setUint32(offset + 4, SEGMENT_LIMIT, true);
    view.setBigUint64(offset + 8, BigInt(base), true);
  };
  const quad = (offset: number, value: bigint): void => view.setBigUint64(offset, value, true);
  const lowHalf = entry & 0xffff;
  const codeAttributes = entry === RESET_ADDRESS ? registers.bootCodeAttributes : registers.codeAttributes;

  for (const offset of [AT.es, AT.ds, AT.fs, AT.gs]) segment(offset, DATA_ATTRIBUTES);
  segment(AT.cs, codeAttributes, CODE_SELECTOR, entry - lowHalf);
  segment(AT.ss, registers.stackAttributes);
  segment(AT.gdtr, 0);
  segment(AT.ldtr, LDT_ATTRIBUTES);
  segment(AT.idtr, 0);
  segment(AT.tr, registers.taskAttributes);
  quad(AT.efer, EFER_SVME);
  quad(AT.cr4, CR4_MACHINE_CHECK);
  quad(AT.cr0, CR0_EXTENSION_TYPE);
  quad(AT.dr7, DR7_RESET);
  quad(AT.dr6, DR6_RESET);
  quad(AT.rflags, RFLAGS_RESET);
  quad(AT.rip, BigInt(lowHalf));
  quad(AT.pat, registers.pageAttributes);
  quad(AT.rdx, BigInt(registers.rdx ?? vcpuSignature));
  quad(AT.sevFeatures, guestFeatures);
  quad(AT.xcr0, XCR0_X87);
  view.setUint32(AT.mxcsr, registers.mxcsr, true);
  view.setUint16(AT.x87ControlWord, registers.x87ControlWord, true);
  return page;
}
