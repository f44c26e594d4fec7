import { ContrastError } from "../../lib/errors.ts";
import { sha256OfFile } from "../../lib/file-digest.ts";
import { readText } from "../../lib/files.ts";
import { sha256Bytes } from "../../lib/digest.ts";
import type { KernelHashes } from "../../measure/snp/kernel-hashes.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";

/** A kernel that QEMU loads, with what goes with it. */
export interface MeasuredKernel {
  readonly hashes: KernelHashes;
  readonly kernelPath: string;
  readonly initrdPath: string | undefined;
  /** Without the NUL byte that QEMU puts behind it. */
  readonly commandLine: string;
}

/** Linux takes 2 KiB on x86; QEMU does not count. */
const MAX_COMMAND_LINE_BYTES = 64 * 1024;

/** QEMU loads kernel and initrd below 4 GiB. */
const MAX_LOADED_BYTES = 4 * 1024 * 1024 * 1024;

/**
 * Reads `--kernel`, `--initrd`, and the command line as text or from a file.
 *
 * @returns undefined without a kernel
 * @throws UsageError `terminal/required-flag` for the others without a kernel; ContrastError
 *   `measure/command-line-invalid`, `lib/file-unreadable`, `lib/file-too-large`
 */
export async function measuredKernel(flags: ParsedFlags): Promise<MeasuredKernel | undefined> {
  if (!flags.isSet("kernel")) {
    const other = ["initrd", "command-line", "command-line-file"].find((name) => flags.isSet(name));
    if (other === undefined) return undefined;
    throw new UsageError("terminal/required-flag", `required flag(s) "kernel" not set, which "--${other}" goes with`, {
      hint: "Initrd and command line are measured only as parts of a kernel's start.",
    });
  }
  const kernelPath = flags.string("kernel");
  const initrdPath = flags.isSet("initrd") ? flags.string("initrd") : undefined;
  const commandLine = await commandLineOf(flags);
  const [kernel, initrd] = await Promise.all([
    sha256OfFile(kernelPath, "kernel", MAX_LOADED_BYTES),
    initrdPath === undefined ? sha256Bytes(new Uint8Array()) : sha256OfFile(initrdPath, "initrd", MAX_LOADED_BYTES),
  ]);
  const hashes = { kernel, initrd, commandLine: sha256Bytes(`${commandLine}\0`) };
  return { hashes, kernelPath, initrdPath, commandLine };
}

/**
 * Reads the command line of a kernel, as text or from a file.
 *
 * @throws ContrastError `measure/command-line-invalid`, `lib/file-unreadable`
 */
export async function commandLineOf(flags: ParsedFlags): Promise<string> {
  if (!flags.isSet("command-line-file")) return checkedLine(flags.string("command-line"), "--command-line");
  const path = flags.string("command-line-file");
  const text = await readText(path, "kernel command line", MAX_COMMAND_LINE_BYTES);
  return checkedLine(text.replace(/\r?\n$/, ""), `"${path}"`);
}

function checkedLine(text: string, what: string): string {
  const fault = text.includes("\0") ? "a NUL byte" : text.includes("\n") ? "a line break" : undefined;
  if (fault === undefined) return text;
  throw new ContrastError(
    "measure/command-line-invalid",
    `Cannot measure kernel command line ${what}: it has ${fault}`,
    {
      hint: "Give the text as QEMU gets it behind -append, on one line.",
    },
  );
}
