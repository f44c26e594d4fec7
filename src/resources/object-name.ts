import { ContrastError } from "../lib/errors.ts";
import { portForwarderName } from "./port-forwarder.ts";

/** What namespaces and Services may be called, in up to 63 characters; a label has no more characters either. */
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const MAX_LABEL_LENGTH = 63;

/**
 * Checks the name of a namespace.
 *
 * @returns undefined for an empty text: whoever applies the objects chooses
 * @throws ContrastError `resources/name-invalid`
 */
export function parseNamespace(text: string): string | undefined {
  if (text === "") return undefined;
  if (text.length <= MAX_LABEL_LENGTH && LABEL.test(text)) return text;
  throw nameInvalid("namespace", text, MAX_LABEL_LENGTH);
}

/**
 * Checks the name of a Service that is to have a port-forwarder, whose own name is longer and is a label too.
 *
 * @throws ContrastError `resources/name-invalid`
 */
export function parseForwardedName(text: string): string {
  const longest = MAX_LABEL_LENGTH - portForwarderName("").length;
  if (text.length <= longest && LABEL.test(text)) return text;
  throw nameInvalid("Service", text, longest);
}

/** What is a label is refused for its length only. */
function nameInvalid(kind: string, text: string, longest: number): ContrastError {
  const fact = LABEL.test(text)
    ? `got ${text.length} characters, need at most ${longest}`
    : `got ${JSON.stringify(text)}, need lower-case letters, digits and hyphens, none at either end`;
  return new ContrastError("resources/name-invalid", `Cannot name ${kind}: ${fact}`, {
    hint: `Give another name of a ${kind}.`,
    details: { actual: text },
  });
}
