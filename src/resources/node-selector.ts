import { ContrastError } from "../lib/errors.ts";
import { setOwn, type ValueMap } from "../kubernetes/value.ts";

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const MAX_DOMAIN_LENGTH = 253;

/**
 * Reads labels of nodes, each as `KEY=VALUE` or, for an empty value, `KEY=`.
 *
 * @param words a later word for the same key wins
 * @throws ContrastError `resources/node-selector-invalid`
 */
export function parseNodeSelector(words: readonly string[]): ValueMap {
  const selector: Record<string, string> = {};
  for (const word of words) {
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (!isLabelKey(key) || !(value === "" || NAME.test(value))) throw selectorInvalid(word);
    setOwn(selector, key, value);
  }
  return selector;
}

/** Whether a text is the key of a label, such as `kubernetes.io/os`. */
function isLabelKey(text: string): boolean {
  const at = text.indexOf("/");
  if (at < 0) return NAME.test(text);
  const domain = text.slice(0, at);
  return domain.length <= MAX_DOMAIN_LENGTH && DOMAIN.test(domain) && NAME.test(text.slice(at + 1));
}

function selectorInvalid(word: string): ContrastError {
  return new ContrastError(
    "resources/node-selector-invalid",
    `Cannot read node label: got ${JSON.stringify(word)}, need KEY=VALUE`,
    { hint: "Name a label that nodes have, as in --node-selector example.com/tee=snp.", details: { actual: word } },
  );
}
