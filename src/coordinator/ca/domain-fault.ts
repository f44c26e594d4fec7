const MAX_DOMAIN_CHARACTERS = 253;
const MAX_LABEL_CHARACTERS = 63;

/**
 * What is wrong with a DNS name, by the rules of Go 1.25.2: it refuses a certificate as a whole if one name breaks them.
 * Letters, digits and wildcards are not looked at, as the names of later releases are not either.
 *
 * @param name visible ASCII, not empty
 * @returns undefined for a good one
 */
export function domainFault(name: string): string | undefined {
  if (name.length > MAX_DOMAIN_CHARACTERS) {
    return `got a domain of ${name.length} characters, want at most ${MAX_DOMAIN_CHARACTERS}`;
  }
  const labels = name.split(".");
  if (labels.includes("")) return "a domain starts or ends with a dot, or has two in a row";
  const isLong = labels.some((label) => label.length > MAX_LABEL_CHARACTERS);
  return isLong ? `a label of a domain has more than ${MAX_LABEL_CHARACTERS} characters` : undefined;
}
