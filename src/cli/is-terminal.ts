/** Whether standard output (1) or standard error (2) is a terminal; `node:tty` is loaded only when this is asked. */
export function isTerminal(descriptor: 1 | 2): boolean {
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}
