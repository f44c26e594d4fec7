import { ContrastError } from "../../lib/errors.ts";
import { unicodeEscape } from "../../lib/unicode-escape.ts";
import type { Value } from "../value.ts";
import type { ScalarStyle } from "../yaml-node.ts";

/** Words that some reader of YAML 1.1 or 1.2 does not take for text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|inf|nan|infinity)$/i;
/** First characters with which no number, date or indicator can begin. */
const START = /^(?:[A-Za-z_/$(]|--?[A-Za-z]|\.\.?\/)/;
const QUANTITY = /^[1-9][0-9]*(?:Ki|Mi|Gi|Ti|m|k|M|G|T)$/;
/** A search for what is not wanted is far faster on long texts than a match of the whole. */
const NOT_PRINTABLE = /[^ -~]/;
const FLOW_INDICATORS = /[,[\]{}"']/;
const ESCAPED = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Whether a text may stand without quotes and every reader of YAML takes it for this text. */
function isPlainText(text: string, flow: boolean): boolean {
  if (!START.test(text)) return QUANTITY.test(text);
  if (text.length <= 8 && WORDS.test(text)) return false;
  if (text.includes(" ") && (text.includes(": ") || text.includes(" #"))) return false;
  if (text.endsWith(":") || text.endsWith(" ")) return false;
  return !NOT_PRINTABLE.test(text) && !(flow && FLOW_INDICATORS.test(text));
}

/** A text in double quotes on one line. */
export function quoteYaml(text: string): string {
  return JSON.stringify(text).replaceAll(ESCAPED, unicodeEscape);
}

/**
 * Renders a scalar on one line.
 *
 * @param style that of the scalar it replaces; quotes are kept, everything else becomes plain where that is safe
 * @throws ContrastError `lib/internal` for numbers that are not finite
 */
export function renderScalar(
  value: null | boolean | number | bigint | string,
  flow: boolean,
  style: ScalarStyle = "plain",
): string {
  if (typeof value !== "string") {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new ContrastError("lib/internal", `Cannot write YAML: ${value} is not a number of JSON`);
    }
    return String(value);
  }
  if (style === "double") return quoteYaml(value);
  if (style === "single" && !NOT_PRINTABLE.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return isPlainText(value, flow) ? value : quoteYaml(value);
}

/** Renders a value without inner structure (a scalar, an empty map or an empty list), or nothing for other values. */
export function renderInline(value: Value, flow: boolean, style?: ScalarStyle): string | undefined {
  if (typeof value !== "object" || value === null) return renderScalar(value, flow, style);
  if (Object.keys(value).length > 0) return undefined;
  return Array.isArray(value) ? "[]" : "{}";
}
