import { ContrastError } from "../../lib/errors.ts";
import { readText } from "../../lib/files.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";

/** Linux takes 2 KiB on x86; QEMU does not count. */
const MAX_COMMAND_LINE_BYTES = 64 * 1024;

/**
 * Reads the command line of a kernel, as text (`--command-line`) or from a file (`--command-line-file`).
 *
 * @returns without line break and NUL byte; empty without either flag
 * @throws ContrastError `measure/command-line-invalid`, `lib/file-unreadable`, `lib/file-too-large`
 */
export async function kernelCommandLine(flags: ParsedFlags): Promise<string> {
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
    { hint: "Give the text as QEMU gets it behind -append, on one line." },
  );
}
