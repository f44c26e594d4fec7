import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { visibleText } from "../lib/visible-text.ts";
import { decodeAnnotation } from "../policy/decode-policy.ts";

/** Values of the annotations that carry policies, as `generate` writes them. */
const POLICY_VALUE = /((?:agent\.policy|cc_init_data)["']?[ \t]*:[ \t]*)(["']?)([A-Za-z0-9+/=]{40,})\2/g;

/** Longer lines are cut; nobody reads them, and terminals choke. */
const MAX_LINE_CHARACTERS = 400;

/** Characters of a digest that tell one text from another. */
const SHOWN_DIGITS = 12;

/**
 * Text of a file as a difference shows it: policies and what else is long stand as their digests, so that a change of
 * them is still a changed line.
 */
export function shownText(text: string): string {
  const short = text.replace(
    POLICY_VALUE,
    (_match, key: string, _quote, value: string) => `${key}<policy ${policyName(value)}>`,
  );
  return visibleText(
    short.replace(
      LONG_LINE,
      (line) => `${line.slice(0, MAX_LINE_CHARACTERS)}… <${line.length} characters, SHA-256 ${digestOf(line)}>`,
    ),
  );
}

const LONG_LINE = new RegExp(`[^\\n]{${MAX_LINE_CHARACTERS + 1},}`, "g");

/** The beginning of its key in the manifest, where it is a policy. */
function policyName(annotation: string): string {
  try {
    return `${decodeAnnotation(annotation).hashHex.slice(0, SHOWN_DIGITS)}…`;
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return digestOf(annotation);
  }
}

function digestOf(text: string): string {
  return `${sha256Hex(text).slice(0, SHOWN_DIGITS)}…`;
}
