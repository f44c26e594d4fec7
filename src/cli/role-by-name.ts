/** Flags that `generate` puts in front of Envoy's words; Envoy has none of these names. */
const OWN_WORD = /^--(?:ipv6|udp)=/;

/**
 * The words of a command line, which also depend on the name that the program is started by: as `service-mesh`, the
 * entry point of the sidecar's image, it is that role, and all words are Envoy's, as in the original. Only words at the
 * beginning that say what happens to IPv6 and UDP are the role's own.
 *
 * @param name first word of the process, with or without directories
 * @param args the words behind it
 */
export function wordsOfCall(name: string, args: readonly string[]): readonly string[] {
  if (!/(?:^|\/)service-mesh$/.test(name)) return args;
  const foreign = args.findIndex((word) => !OWN_WORD.test(word));
  const ownCount = foreign === -1 ? args.length : foreign;
  return ["service-mesh", ...args.slice(0, ownCount), "--", ...args.slice(ownCount)];
}
