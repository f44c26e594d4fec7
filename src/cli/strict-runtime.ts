import { ContrastError } from "../lib/errors.ts";

const STRICT_FLAG = "--disallow-code-generation-from-strings=strict";

/**
 * The compiled program runs no code that it did not bring along: no `eval`, no modules from disk, no `--preload` out
 * of the environment. A build that lost this lock must not handle keys.
 *
 * @throws ContrastError `cli/unsafe-runtime`
 */
export function checkRuntime(): void {
  if (!Bun.isStandaloneExecutable) return;
  const locks = process.execArgv.filter((flag) => flag.startsWith("--disallow-code-generation-from-strings"));
  if (locks.length > 0 && locks.every((flag) => flag === STRICT_FLAG)) return;
  throw new ContrastError("cli/unsafe-runtime", "Cannot start: code generation from strings is not locked", {
    hint: "Unset BUN_OPTIONS, or use an official build.",
  });
}
