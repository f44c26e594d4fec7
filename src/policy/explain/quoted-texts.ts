/** Escaping of more levels than this is not undone. */
const MAX_LAYERS = 8;

/**
 * Line breaks that a terminal, a test framework or YAML put into an escaped text, which itself writes them as `\n`. YAML
 * ends such a line with a backslash and indents the next one.
 */
const WRAPS = /\\\r?\n[ \t]+(?:\\(?= ))?|\r?\n[ \t]*(?:[#>|][ \t]+)?/g;

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([\s\S])|$)/g;

const LETTERS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/**
 * The texts that are quoted inside a text, with one level of escaping undone. Programs that hand an error on put it in
 * quotes and escape the quotes in it, so the request of an event is often escaped three or four times.
 *
 * @param depth levels that are undone already
 */
export function quotedTexts(text: string, depth: number): readonly string[] {
  if (depth >= MAX_LAYERS) return [];
  if (!text.includes('\\"') && !/\\\r?\n/.test(text)) return [];
  return splitAtQuotes(text.replaceAll(WRAPS, ""))
    .filter((piece) => piece.includes('\\"'))
    .map(unescapeOnce);
}

/** What stands between the quotes that no backslash escapes. */
function splitAtQuotes(text: string): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 1) continue;
    pieces.push(text.slice(from, at));
    from = at + 1;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** A backslash at the very end, where the text was cut, belongs to a character that is missing. */
function unescapeOnce(text: string): string {
  return text.replaceAll(ESCAPE, (whole, plain?: string, braced?: string, letter?: string) => {
    if (letter !== undefined) return LETTERS[letter] ?? letter;
    const code = Number.parseInt(plain ?? braced ?? "", 16);
    if (Number.isNaN(code) || code > 0x10_ff_ff) return whole === "\\" ? "" : whole;
    return plain === undefined ? String.fromCodePoint(code) : String.fromCharCode(code);
  });
}
