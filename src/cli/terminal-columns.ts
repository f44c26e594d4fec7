import { isTerminal } from "./is-terminal.ts";

/** Characters on a line of standard output, where that is a terminal that says so. */
export function terminalColumns(): number | undefined {
  return (isTerminal(1) && process.stdout.columns) || undefined;
}
