/**
 * Whether rules let requests pass that they refuse (`AllowRequestsFailingPolicy`), as a debugging aid of the guest's agent.
 * Rules of others are not evaluated for this: any definition of it that is not plainly false counts as `possible`.
 *
 * @param text the whole policy
 * @see kata-containers `src/agent/policy/src/policy.rs`
 */
export function failingRequests(text: string, isEmbeddedRules: boolean): "refused" | "allowed" | "possible" {
  if (isEmbeddedRules) return "refused";
  const uncommented = text.replace(/^[ \t]*#.*$/gm, "");
  const definitions = [...uncommented.matchAll(/\bAllowRequestsFailingPolicy\b[ \t]*(.{0,40})/g)];
  const kinds = definitions.map(([, rest = ""]) => {
    if (/^(?::?=)[ \t]*true\b/.test(rest)) return "allowed";
    return /^(?::?=)[ \t]*false\b/.test(rest) ? "refused" : "possible";
  });
  if (kinds.includes("allowed")) return "allowed";
  return kinds.includes("possible") ? "possible" : "refused";
}
