import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast measure tdx`: MRTD and the runtime registers, from what a guest starts with. */
export const measureTdxDefinition: CommandDefinition = {
  name: "tdx",
  summary: "Compute MRTD and RTMR0 to RTMR3 of an Intel TDX guest",
  description: [
    "Computes what the manifest calls MrTd and Rtrms from the files that a guest starts with, as QEMU and OVMF measure them when the kernel comes from QEMU (-kernel, -initrd, -append). Nothing is fetched, and no value comes from a table of known ones.",
    "MRTD depends on the firmware alone. RTMR3 is zero when a guest starts. With --kernel the registers that the firmware and the kernel extend follow: RTMR0 from the memory, the variables and the ACPI tables, RTMR1 from the kernel, RTMR2 from the command line and the initrd. --events lists each extension with what its digest is made of.",
    "What cannot be computed is refused, not guessed: firmware that measures nothing, firmware with enrolled keys or stored boot options, kernels whose EFI stub does not measure. RTMR0 is left out without --acpi-tables, and for OVMF of 2025 and later, which measures more of what QEMU hands it. The page docs/measure.md tells what each value was compared with.",
  ].join("\n\n"),
  examples: [
    { comment: "MRTD of a firmware", command: "contrast measure tdx --firmware OVMF.fd" },
    {
      comment: "All registers, with each event",
      command:
        'contrast measure tdx --firmware OVMF.fd --kernel bzImage --initrd initrd.zst --command-line "console=hvc0" --memory 2048M --acpi-tables acpi --events',
    },
    {
      comment: "Set them in a manifest",
      command:
        "contrast measure tdx --firmware OVMF.fd --kernel bzImage --command-line-file cmdline --memory 2G --acpi-tables acpi --write manifest.json",
    },
  ],
  exclusive: [["command-line", "command-line-file"]],
  flags: [
    {
      name: "firmware",
      type: "string",
      value: "FILE",
      files: ["fd", "bin"],
      required: true,
      summary: "Firmware image (OVMF with TDVF metadata)",
    },
    { name: "kernel", type: "string", value: "FILE", files: [], summary: "Kernel (bzImage with EFI stub)" },
    { name: "initrd", type: "string", value: "FILE", files: [], summary: "Initial RAM disk" },
    { name: "command-line", type: "string", value: "TEXT", summary: "Kernel command line (-append)" },
    {
      name: "command-line-file",
      type: "string",
      value: "FILE",
      files: [],
      summary: "File with the kernel command line; a line break at its end does not count",
    },
    { name: "memory", type: "string", value: "SIZE", summary: "Memory of the guest, such as 2048M or 2G" },
    {
      name: "acpi-tables",
      type: "string",
      value: "DIR",
      directories: true,
      summary: "Directory with the ACPI files of such a guest: table-loader, rsdp, tables",
    },
    {
      name: "without",
      type: "strings",
      value: "PART",
      choices: ["td-hob", "acpi", "fw-cfg"],
      summary: "Part of RTMR0 that the firmware was changed not to measure",
    },
    {
      name: "kernel-header",
      type: "string",
      value: "FORM",
      default: "patched",
      choices: ["patched", "file"],
      summary: "Whether QEMU writes addresses into the kernel's header (before 10.2), or hands out the file",
    },
    {
      name: "initrd-address",
      type: "string",
      value: "HEX",
      summary: "Address of the initrd, for a QEMU that was changed to load it to a fixed one",
    },
    {
      name: "page-order",
      type: "string",
      value: "ORDER",
      default: "page",
      choices: ["page", "section"],
      summary: "Whether the host measures each page when it adds it, or adds all pages of a section first",
    },
    { name: "events", type: "boolean", summary: "List each extension of a register" },
    {
      name: "write",
      type: "string",
      value: "FILE",
      files: ["json"],
      summary: "Manifest whose TDX reference values get MrTd and Rtrms",
    },
  ],
  load: async () => (await import("./measure-tdx.ts")).measureTdxCommand,
};
