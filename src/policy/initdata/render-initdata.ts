import { compareUtf8 } from "../../lib/go-json/go-json-codec.ts";
import { type Initdata, INITDATA_VERSION } from "./initdata.ts";

/** What no literal string may hold: its own end, and control characters other than tab and line feed. */
const NEEDS_ESCAPES = /'''|[\u0000-\u0008\u000b-\u001f\u007f]/;
const BARE_KEY = /^[A-Za-z0-9_-]+$/;

/**
 * Writes an initdata document, members sorted by name. Texts become multi-line literals, which show them as they are; a
 * text that no literal can hold becomes a string with escapes. Every reader of TOML gets each text back byte for byte.
 *
 * @see confidential-containers/trustee `kbs/docs/initdata.md`; TOML 1.0
 */
export function renderInitdata({ algorithm, data }: Initdata): string {
  const lines = [`version = "${INITDATA_VERSION}"`, `algorithm = "${algorithm}"`, "", "[data]"];
  const sorted = [...data].toSorted(([left], [right]) => compareUtf8(left, right));
  for (const [name, text] of sorted) lines.push(`${BARE_KEY.test(name) ? name : quoted(name)} = ${literal(text)}`);
  return `${lines.join("\n")}\n`;
}

/** Readers drop the line feed behind the opening quotes, and take a quote in front of the closing ones for the text. */
function literal(text: string): string {
  return NEEDS_ESCAPES.test(text) || text.endsWith("'") ? quoted(text) : `'''\n${text}'''`;
}

function quoted(text: string): string {
  const escaped = text.replace(/["\\\u0000-\u001f\u007f]/g, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
