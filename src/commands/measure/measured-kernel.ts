import { sha256OfFile } from "../../lib/file-digest.ts";
import { sha256Bytes } from "../../lib/digest.ts";
import type { KernelHashes } from "../../measure/snp/kernel-hashes.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { kernelCommandLine } from "./kernel-command-line.ts";
import { missingFlag } from "./missing-flag.ts";

/** A kernel that QEMU loads, with what goes with it. */
export interface MeasuredKernel {
  readonly hashes: KernelHashes;
  readonly kernelPath: string;
  readonly initrdPath: string | undefined;
  /** Without the NUL byte that QEMU puts behind it. */
  readonly commandLine: string;
}

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
    throw missingFlag("kernel", other, "Initrd and command line are measured only as parts of a kernel's start.");
  }
  const kernelPath = flags.string("kernel");
  const initrdPath = flags.isSet("initrd") ? flags.string("initrd") : undefined;
  const commandLine = await kernelCommandLine(flags);
  const [kernel, initrd] = await Promise.all([
    sha256OfFile(kernelPath, "kernel", MAX_LOADED_BYTES),
    initrdPath === undefined ? sha256Bytes(new Uint8Array()) : sha256OfFile(initrdPath, "initrd", MAX_LOADED_BYTES),
  ]);
  const hashes = { kernel, initrd, commandLine: sha256Bytes(`${commandLine}\0`) };
  return { hashes, kernelPath, initrdPath, commandLine };
}
