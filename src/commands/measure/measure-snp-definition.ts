import type { CommandDefinition } from "../../terminal/command-definition.ts";

const versionsOf = (type: string, versions: number): readonly string[] => [
  type,
  ...Array.from({ length: versions }, (_, index) => `${type}-v${index + 1}`),
];

/** Named here once more, because a definition loads nothing that computes; a test holds it to `VCPU_TYPES`. */
const VCPU_TYPE_NAMES = [
  ...versionsOf("EPYC", 5),
  ...versionsOf("EPYC-Rome", 5),
  ...versionsOf("EPYC-Milan", 3),
  ...versionsOf("EPYC-Genoa", 2),
  ...versionsOf("EPYC-Turin", 1),
  "EPYC-IBPB",
];

/** `contrast measure snp`: the launch digest that a guest with SEV-SNP will report. */
export const measureSnpDefinition: CommandDefinition = {
  name: "snp",
  summary: "Compute the launch digest of a guest with AMD SEV-SNP",
  description: [
    "Computes from firmware, kernel, initrd, kernel command line and virtual processors what the processor will report as MEASUREMENT, and what the manifest expects as TrustedMeasurement. Nothing is started and no hardware is needed.",
    "Every byte counts: the same guest with one processor more, another type of processor or another space in the command line has another digest. docs/measure.md says where to find each of them on a node.",
    "Without --stages, prints one digest for one number of processors, and lines of number and digest for several.",
    "With --write, TrustedMeasurement is set in the SEV-SNP entries of the manifest for --product. Everything else of the manifest stays. One entry and several numbers of processors give one entry for each.",
    "With --id-block, also prints the ID block and its authentication, in base64 as QEMU takes them, and the digests of the keys that reports show. Without --id-key, the block is signed by an anonymous key that nobody has.",
  ].join("\n\n"),
  examples: [
    {
      comment: "A guest of Kata with one processor",
      command:
        'contrast measure snp --firmware AMDSEV.fd --kernel vmlinuz --initrd initrd.img --command-line "console=hvc0" --vcpu-type EPYC-v4',
    },
    {
      comment: "The same for one to eight processors, into the manifest",
      command:
        "contrast measure snp --firmware AMDSEV.fd --kernel vmlinuz --command-line-file cmdline --vcpu-type EPYC-Milan --vcpus 1-8 --product Milan --write manifest.json",
    },
    {
      comment: "An instance of EC2",
      command: "contrast measure snp --firmware ovmf_img.fd --vmm ec2 --vcpus 4",
    },
  ],
  exclusive: [
    ["command-line", "command-line-file"],
    ["vcpu-type", "vcpu-signature", "vcpu-family"],
    ["vcpu-type", "vcpu-signature", "vcpu-model"],
    ["vcpu-type", "vcpu-signature", "vcpu-stepping"],
  ],
  flags: [
    {
      name: "firmware",
      type: "string",
      value: "FILE",
      files: [],
      required: true,
      summary: "OVMF image as the hypervisor gets it",
    },
    {
      name: "firmware-digest",
      type: "string",
      value: "HEX",
      summary: "Launch digest behind the pages of the firmware, in place of measuring them",
    },
    { name: "kernel", type: "string", value: "FILE", files: [], summary: "Kernel that QEMU loads (-kernel)" },
    { name: "initrd", type: "string", value: "FILE", files: [], summary: "Initrd that QEMU loads (-initrd)" },
    { name: "command-line", type: "string", value: "TEXT", summary: "Kernel command line (-append)" },
    {
      name: "command-line-file",
      type: "string",
      value: "FILE",
      files: [],
      summary: "File with the kernel command line; a line break at its end does not count",
    },
    {
      name: "vcpus",
      type: "string",
      value: "NUMBERS",
      default: "1",
      summary: "Numbers of virtual processors, such as 1, 2,4 or 1-8",
    },
    {
      name: "vcpu-type",
      type: "string",
      value: "TYPE",
      choices: VCPU_TYPE_NAMES,
      summary: "Type of virtual processors as QEMU names it (-cpu)",
    },
    { name: "vcpu-family", type: "string", value: "NUMBER", summary: "Family of the virtual processors" },
    { name: "vcpu-model", type: "string", value: "NUMBER", summary: "Model of the virtual processors" },
    { name: "vcpu-stepping", type: "string", value: "NUMBER", summary: "Stepping of the virtual processors" },
    {
      name: "vcpu-signature",
      type: "string",
      value: "NUMBER",
      summary: "CPUID(1).EAX of the virtual processors, such as 0xa00f11",
    },
    {
      name: "guest-features",
      type: "string",
      value: "NUMBER",
      default: "0x1",
      summary: "SEV_FEATURES of the guest; bit 0 is SEV-SNP",
    },
    {
      name: "vmm",
      type: "string",
      value: "NAME",
      default: "qemu",
      choices: ["qemu", "ec2", "gce"],
      summary: "Who starts the guest",
    },
    { name: "stages", type: "boolean", summary: "Show what was measured, and the digest behind each step" },
    { name: "id-block", type: "boolean", summary: "Make the ID block too" },
    {
      name: "guest-policy",
      type: "string",
      value: "NUMBER",
      default: "0x30000",
      summary: "Guest policy of the ID block",
    },
    {
      name: "guest-svn",
      type: "string",
      value: "NUMBER",
      default: "2",
      summary: "Security version of the guest in the ID block",
    },
    {
      name: "family-id",
      type: "string",
      value: "HEX",
      default: "01000000000000000000000000000000",
      summary: "Family ID of the ID block, 16 bytes",
    },
    {
      name: "image-id",
      type: "string",
      value: "HEX",
      default: "02000000000000000000000000000000",
      summary: "Image ID of the ID block, 16 bytes",
    },
    { name: "id-key", type: "string", value: "FILE", files: ["pem"], summary: "Private key that signs the ID block" },
    { name: "author-key", type: "string", value: "FILE", files: ["pem"], summary: "Private key that signs the ID key" },
    {
      name: "product",
      type: "string",
      value: "NAME",
      choices: ["Milan", "Genoa"],
      summary: "Product whose entries --write sets",
    },
    {
      name: "write",
      type: "string",
      value: "MANIFEST",
      files: ["json"],
      summary: "Manifest in which the measurement is set",
    },
  ],
  load: async () => (await import("./measure-snp.ts")).measureSnpCommand,
};
