/** Who starts the guest: programs that differ in the registers they start processors with. */
export type Vmm = (typeof VMMS)[number];

/** As users name them. */
export const VMMS = ["qemu", "ec2", "gce"] as const;

/** Registers that differ. */
export interface VmmRegisters {
  /** Attributes of the segment CS of the first processor. */
  readonly bootCodeAttributes: number;
  /** Attributes of the segment CS of every other processor. */
  readonly codeAttributes: number;
  readonly stackAttributes: number;
  readonly taskAttributes: number;
  /** RDX, where it is not the signature of the virtual processor. */
  readonly rdx: number | undefined;
  /** Page attribute table. */
  readonly pageAttributes: bigint;
  readonly mxcsr: number;
  /** Control word of the x87 unit. */
  readonly x87ControlWord: number;
}

/** What each of them starts processors with, as observed in measurements; QEMU's is the reset state that KVM saves. */
export const VMM_REGISTERS: Readonly<Record<Vmm, VmmRegisters>> = {
  qemu: {
    bootCodeAttributes: 0x9b,
    codeAttributes: 0x9b,
    stackAttributes: 0x93,
    taskAttributes: 0x8b,
    rdx: undefined,
    pageAttributes: 0x0007040600070406n,
    mxcsr: 0x1f80,
    x87ControlWord: 0x37f,
  },
  ec2: {
    bootCodeAttributes: 0x9a,
    codeAttributes: 0x9b,
    stackAttributes: 0x92,
    taskAttributes: 0x83,
    rdx: 0x600,
    pageAttributes: 0x0007040600070406n,
    mxcsr: 0,
    x87ControlWord: 0,
  },
  gce: {
    bootCodeAttributes: 0x9b,
    codeAttributes: 0x9b,
    stackAttributes: 0x93,
    taskAttributes: 0x8b,
    rdx: 0x600,
    pageAttributes: 0x0000000000070106n,
    mxcsr: 0,
    x87ControlWord: 0,
  },
};

/** Whether the measurement depends on the type of the virtual processors. */
export function dependsOnVcpuType(vmm: Vmm): boolean {
  return VMM_REGISTERS[vmm].rdx === undefined;
}
