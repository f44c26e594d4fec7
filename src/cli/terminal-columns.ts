import { isTerminal } from "./is-terminal.ts";

/** Characters on a line of standard output, where that is a terminal that says so. */
export function terminalColumns(): number | undefined {
  // Asking the system costs more than the rest of a short command; without colour, and without a wish for none, neither
  // stream is a terminal.
  if (!Bun.enableANSIColors && (process.env["NO_COLOR"] ?? "") === "") return undefined;
  return (isTerminal(1) && process.stdout.columns) || undefined;
}
