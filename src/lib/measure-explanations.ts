import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const NOT_OVMF: ErrorExplanation = {
  causes: [
    "The file is the part with variables (VARS) in place of code, or another firmware than OVMF.",
    "The file was cut off, or is compressed.",
  ],
  actions: ["Give the image that the hypervisor gets; docs/measure.md says where to find its name."],
};

const OTHER_EVENTS: ErrorExplanation = {
  causes: ["The firmware measures something that depends on more than the given files."],
  actions: [
    "Use a firmware built without enrolled keys and without boot options of its own.",
    "Or take the registers from the quote of a guest that you trust, with contrast evidence show.",
  ],
};

/** By code: what is known about launch measurements that cannot be computed. */
export const MEASURE_EXPLANATIONS = {
  "measure/firmware-size": NOT_OVMF,
  "measure/firmware-table-missing": NOT_OVMF,
  "measure/firmware-not-snp": {
    causes: ["The image has no SEV metadata, as the 4 MiB images of Debian have none."],
    actions: ["Use a build of OVMF with SEV-SNP; contrast measure says nothing about guests that cannot start."],
  },
  "measure/firmware-no-hashes-area": {
    causes: ["Only builds of AmdSevX64.dsc and what derives from them check the kernel that QEMU hands over."],
    actions: [
      "Use such a firmware; QEMU starts no measured kernel with another.",
      "Without --kernel the firmware alone is measured, which says nothing about what it starts.",
    ],
  },
  "measure/firmware-not-tdx": {
    causes: ["The image has no TDVF metadata."],
    actions: ["Use a build of OVMF for TDX."],
  },
  "measure/firmware-unmeasured": {
    causes: ["The firmware was built without the driver that measures (TdTcg2Dxe), as that of Debian 12."],
    actions: [
      "Use a build of OvmfPkg/IntelTdx; with this one, registers stay zero whatever kernel is started.",
      "Without --kernel, MRTD of this firmware is computed.",
    ],
  },
  "measure/firmware-unreadable": OTHER_EVENTS,
  "measure/firmware-boot-options": OTHER_EVENTS,
  "measure/firmware-variables": OTHER_EVENTS,
  "measure/firmware-initrd-option": OTHER_EVENTS,
  "measure/kernel-unmeasured": {
    causes: ["The kernel is older than 6.10, or was built without an EFI stub that measures."],
    actions: ["Use Linux 6.10 or later; otherwise nothing attests command line and initrd."],
  },
  "measure/tdx-incomplete": {
    causes: ["Kernel, memory or ACPI tables were not given, or the firmware measures what cannot be computed."],
    actions: [
      "Give --kernel, --memory and --acpi-tables; docs/measure.md says how to get the tables.",
      "See without --write which registers are known, and why the others are not.",
    ],
  },
  "manifest/measured-entry-missing": {
    causes: ["The manifest was made for another platform or product than the measurement."],
    actions: [
      "Name another product with --product.",
      "Or remove the manifest and run contrast generate with the right platform.",
    ],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
