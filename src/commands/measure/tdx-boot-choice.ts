import { readBytes } from "../../lib/files.ts";
import { layOutMemory } from "../../measure/tdx/guest-memory.ts";
import { parseLinuxImage } from "../../measure/tdx/linux-image.ts";
import { readAcpiFiles } from "../../measure/tdx/read-acpi-files.ts";
import type { OptionalPart, TdxBoot } from "../../measure/tdx/runtime-events.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { choiceFlag } from "../choice-flag.ts";
import { numberFlag } from "../number-flag.ts";
import { kernelCommandLine } from "./kernel-command-line.ts";
import { missingFlag } from "./missing-flag.ts";

/** Without a kernel these say nothing. */
const BOOT_FLAGS = [
  "initrd",
  "command-line",
  "command-line-file",
  "memory",
  "acpi-tables",
  "without",
  "initrd-address",
  "kernel-header",
];

const MAX_KERNEL_BYTES = 256 * 1024 * 1024;
const MAX_INITRD_BYTES = 1024 * 1024 * 1024;

const MIB = 1024 * 1024;

/** What a guest is started with besides its firmware. */
export interface TdxBootFlags extends Omit<TdxBoot, "firmware" | "sections"> {
  readonly initrdPath: string | undefined;
}

/**
 * Reads what a guest is started with.
 *
 * @returns undefined without a kernel
 * @throws UsageError `terminal/required-flag`, `terminal/invalid-argument`; ContrastError `measure/tdx-memory`,
 *   `measure/kernel-invalid`, and those of the files
 */
export async function tdxBootFlags(flags: ParsedFlags): Promise<TdxBootFlags | undefined> {
  if (!flags.isSet("kernel")) {
    const other = BOOT_FLAGS.find((name) => flags.isSet(name));
    if (other === undefined) return undefined;
    throw missingFlag("kernel", other, "MRTD depends on the firmware alone; the rest belongs to a kernel's start.");
  }
  if (!flags.isSet("memory")) throw missingFlag("memory", "kernel", "Give the memory of the guest, such as 2048M.");
  if (flags.isSet("initrd-address") && !flags.isSet("initrd")) throw missingFlag("initrd", "initrd-address");
  const memory = layOutMemory(memoryBytes(flags.string("memory")));
  const without = new Set(flags.strings("without").map(optionalPart));
  const initrdAddress = numberFlag(flags, "initrd-address", 0xffff_ffffn);
  const path = flags.string("kernel");
  const initrdPath = flags.isSet("initrd") ? flags.string("initrd") : undefined;
  return {
    kernel: parseLinuxImage(path, await readBytes(path, "kernel", MAX_KERNEL_BYTES)),
    patchesKernel: choiceFlag(flags, "kernel-header", ["patched", "file"]) === "patched",
    initrd: initrdPath === undefined ? undefined : await readBytes(initrdPath, "initrd", MAX_INITRD_BYTES),
    initrdPath,
    initrdAddress: initrdAddress === undefined ? undefined : Number(initrdAddress),
    commandLine: await kernelCommandLine(flags),
    memory,
    acpi: flags.isSet("acpi-tables") ? await readAcpiFiles(flags.string("acpi-tables")) : undefined,
    without,
  };
}

/** A bare number would mean bytes to one tool and MiB to another. */
function memoryBytes(text: string): number {
  const [, digits, unit] = /^([1-9][0-9]{0,8})([MG])$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * (unit === "G" ? 1024 * MIB : MIB);
  throw invalid("memory", text, "want a number with M or G");
}

function optionalPart(text: string): OptionalPart {
  if (text === "td-hob" || text === "acpi" || text === "fw-cfg") return text;
  throw invalid("without", text, "must be one of td-hob, acpi, fw-cfg");
}

function invalid(flag: string, text: string, fact: string): UsageError {
  return new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "--${flag}" flag: ${fact}`,
  );
}
