import { type FirmwareImage, firmwareStart } from "../firmware-image.ts";
import { type GuidTable, parseGuidTable } from "../guid-table.ts";
import { parseSevMetadata, type SevSection } from "../sev-metadata.ts";
import { encodeKernelHashesPage, type KernelHashes } from "./kernel-hashes.ts";
import { LaunchDigest } from "./launch-digest.ts";
import { parseProcessorEntry } from "./processor-entry.ts";
import type { Vmm } from "./vmm.ts";
import { encodeVmsa, RESET_ADDRESS, VMSA_ADDRESS } from "./vmsa.ts";

/** Everything that the launch digest of a guest depends on. */
export interface SnpLaunch {
  readonly firmware: FirmwareImage;
  /** Digest after the pages of the firmware, where it is known; their content does not count then. 48 bytes. */
  readonly firmwareDigest?: Uint8Array | undefined;
  /** Absent where the guest starts its kernel from its own disk, or the firmware holds it. */
  readonly hashes?: KernelHashes | undefined;
  readonly vmm: Vmm;
  /** CPUID(1).EAX of the virtual processors; of no effect for others than QEMU. */
  readonly vcpuSignature: number;
  /** SEV_FEATURES; bit 0 is SEV-SNP itself. */
  readonly guestFeatures: bigint;
  /** Numbers of virtual processors, each at least 1; one digest is made for each. */
  readonly vcpuCounts: readonly number[];
}

/** What was measured, in order. */
export interface LaunchStage {
  /** Such as `firmware`, `secrets`, `processor 0`. */
  readonly name: string;
  readonly address: number;
  readonly sizeBytes: number;
  /** The launch digest behind it; 48 bytes. */
  readonly digest: Uint8Array;
}

/** The digest of one number of virtual processors. */
export interface SnpMeasurement {
  readonly vcpus: number;
  /** 48 bytes; MEASUREMENT of attestation reports, TrustedMeasurement of manifests. */
  readonly digest: Uint8Array;
}

/** What `measureSnpLaunch` finds. */
export interface MeasuredLaunch {
  /** In the order of the numbers that were asked for. */
  readonly measurements: readonly SnpMeasurement[];
  /** Up to the largest number of virtual processors. */
  readonly stages: readonly LaunchStage[];
}

/**
 * Computes the launch digest that the processor's firmware will report: firmware pages, the pages that the firmware
 * wants prepared, then the state of each virtual processor.
 *
 * @throws ContrastError `measure/firmware-*`
 * @see AMD 56860 (SEV-SNP ABI), 8.17 SNP_LAUNCH_UPDATE; qemu `target/i386/sev.c`
 */
export function measureSnpLaunch(launch: SnpLaunch): MeasuredLaunch {
  const { firmware, firmwareDigest, vcpuCounts } = launch;
  const table = parseGuidTable(firmware);
  const sections = parseSevMetadata(firmware, table);
  const entry = parseProcessorEntry(firmware, table);
  const hashesPage = pageOfHashes(launch, table, sections);

  const digest = new LaunchDigest(firmwareDigest);
  const stages: LaunchStage[] = [];
  const note = (name: string, address: number, sizeBytes: number): void => {
    stages.push({ name, address, sizeBytes, digest: digest.value });
  };

  const start = firmwareStart(firmware);
  if (firmwareDigest === undefined) digest.addContent("normal", start, firmware.bytes);
  note("firmware", start, firmware.bytes.length);
  for (const section of inOrderOf(launch.vmm, sections)) {
    addSection(digest, section, launch.vmm, hashesPage);
    note(section.kind, section.address, section.sizeBytes);
  }
  const boot = encodeVmsa({ ...launch, entry: RESET_ADDRESS });
  const other = encodeVmsa({ ...launch, entry });
  const byCount: Uint8Array[] = [];
  for (let processor = 0; processor < Math.max(...vcpuCounts); processor += 1) {
    const page = processor === 0 ? boot : other;
    digest.addContent("vmsa", VMSA_ADDRESS, page);
    note(`processor ${processor}`, VMSA_ADDRESS, page.length);
    byCount.push(digest.value);
  }
  const measurements = vcpuCounts.flatMap((vcpus) => {
    const found = byCount[vcpus - 1];
    return found === undefined ? [] : [{ vcpus, digest: found }];
  });
  return { measurements, stages };
}

function pageOfHashes(
  { firmware, hashes }: SnpLaunch,
  table: GuidTable,
  sections: readonly SevSection[],
): Uint8Array | undefined {
  return hashes === undefined ? undefined : encodeKernelHashesPage(firmware, table, sections, hashes);
}

/** EC2 adds the page of CPUID values behind everything else of the firmware. */
function inOrderOf(vmm: Vmm, sections: readonly SevSection[]): readonly SevSection[] {
  if (vmm !== "ec2") return sections;
  const isLast = ({ kind }: SevSection): boolean => kind === "cpuid";
  return [...sections.filter((section) => !isLast(section)), ...sections.filter(isLast)];
}

function addSection(
  digest: LaunchDigest,
  { kind, address, sizeBytes }: SevSection,
  vmm: Vmm,
  hashesPage: Uint8Array | undefined,
): void {
  switch (kind) {
    case "memory":
      // GCE hands over memory with whatever is in it.
      digest.addPages(vmm === "gce" ? "unmeasured" : "zero", address, sizeBytes);
      break;
    case "svsm-calling-area":
      digest.addPages("zero", address, sizeBytes);
      break;
    case "secrets":
    case "cpuid":
      digest.addPages(kind, address, sizeBytes);
      break;
    case "kernel-hashes":
      if (hashesPage === undefined) digest.addPages("zero", address, sizeBytes);
      else digest.addContent("normal", address, hashesPage);
      break;
    default:
      kind satisfies never;
  }
}
