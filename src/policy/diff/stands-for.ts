const NAME = "[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?";
const ADDRESS = "(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})";

/** The texts that the rules of this program take for a placeholder; those of others take at least these. */
const FORMS: ReadonlyMap<string, string> = new Map([
  ["sandbox-name", NAME],
  ["sandbox-namespace", NAME],
  ["generated-name", NAME],
  ["host-name", NAME],
  ["node-name", NAME],
  ["pod-ip", ADDRESS],
  ["host-ip", ADDRESS],
  ["resource-field", "[0-9]{1,20}"],
  ["pod-uid", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"],
]);

/** Texts with more placeholders are not looked at: to match them could take long. */
const MAX_PLACEHOLDERS = 2;

/**
 * Whether a text is certainly one of those that a text of a policy stands for: placeholders of a known form, everything
 * else as written. Regular expressions are not tried.
 */
export function standsFor(pattern: string, text: string): boolean {
  const pieces = pattern.split(/\$\(([A-Za-z0-9_-]{1,40})\)/);
  if (pattern.startsWith("^") || pieces.length > 2 * MAX_PLACEHOLDERS + 1) return false;
  const forms: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    const form = index % 2 === 0 ? piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&") : FORMS.get(piece);
    if (form === undefined) return false;
    forms.push(form);
  }
  return text.length <= 4096 && new RegExp(`^${forms.join("")}$`).test(text);
}
