/** Family, model and stepping of a processor. */
export interface ProcessorId {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
}

/**
 * The processor that `/proc/cpuinfo` of x86 names first.
 *
 * @returns undefined for other processors than AMD's
 */
export function parseCpuinfo(text: string): ProcessorId | undefined {
  const [first = ""] = text.split("\n\n", 1);
  const field = (name: string): string | undefined => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(first)?.[1];
  if (field("vendor_id") !== "AuthenticAMD") return undefined;
  const [family, model, stepping] = ["cpu family", "model", "stepping"].map((name) => {
    const value = field(name);
    return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : undefined;
  });
  if (family === undefined || model === undefined || stepping === undefined) return undefined;
  return { family, model, stepping };
}

/** Where firmware tables say who made a machine. */
export const MACHINE_FILES = {
  vendor: "/sys/class/dmi/id/sys_vendor",
  chassis: "/sys/class/dmi/id/chassis_asset_tag",
} as const;

/** Every virtual machine of Azure has this. */
const AZURE_CHASSIS = "7783-7084-3265-9085-8269-3286-77";
/** Pods of AKS run under this hypervisor; those of other platforms of Contrast under QEMU. */
const AKS_VENDOR = "Cloud Hypervisor";

/** Whether a machine seems to run on Azure, so that its services can be asked. */
export function isOnAzure(vendor: string | undefined, chassis: string | undefined): boolean {
  return chassis?.trim() === AZURE_CHASSIS || vendor?.trim() === AKS_VENDOR;
}
