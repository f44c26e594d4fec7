/**
 * The words of a command line, which also depend on the name that the program is started by: as `service-mesh`, the
 * entry point of the sidecar's image, it is that role, and all words are Envoy's, as in the original.
 *
 * @param name first word of the process, with or without directories
 * @param args the words behind it
 */
export function wordsOfCall(name: string, args: readonly string[]): readonly string[] {
  return /(?:^|\/)service-mesh$/.test(name) ? ["service-mesh", "--", ...args] : args;
}
