/**
 * Names that stand as `$(name)` in policy strings for something known only in the cluster; the rules give each its value
 * or its pattern.
 *
 * @see policy/rules.rego, which gives each name its value
 */
export const TOKEN_NAMES = [
  "sandbox-name",
  "sandbox-namespace",
  "node-name",
  "host-name",
  "pod-uid",
  "pod-ip",
  "pod-ips",
  "host-ip",
  "host-ips",
  "resource-field",
  "todo-annotation",
  "bundle-id",
  "sandbox-id",
  "generated-name",
  "cpath",
  "root_path",
  "sfprefix",
  "spath",
  "b64_device_id",
  "default_caps",
  "privileged_caps",
] as const;

/** One of the names. */
export type TokenName = (typeof TOKEN_NAMES)[number];

/** Opens a token while texts of the user are put together with it; no environment variable or argument may hold it. */
const MARK = "\u0000(";
const LITERAL_TOKEN = new RegExp(`\\$\\((?:${TOKEN_NAMES.join("|")})\\)`);

/** A token that user text cannot imitate; `sealTokens` turns it into its final form. */
export function openToken(name: TokenName): string {
  return `${MARK}${name})`;
}

/**
 * What makes a text of the user unusable in a policy: something that the rules would take for a token, or the character
 * that opens tokens.
 *
 * @param written the text as the user wrote it
 * @param final the same after expansion, where open tokens are legitimate
 */
export function tokenFault(written: string, final = written): string | undefined {
  if (written.includes("\u0000")) return "a NUL character";
  if (!final.includes("$(")) return undefined;
  return LITERAL_TOKEN.exec(final.replaceAll(MARK, ""))?.[0];
}

/** Brings open tokens into the form of the policy. */
export function sealTokens(text: string): string {
  return text.includes(MARK) ? text.replaceAll(MARK, () => "$(") : text;
}
