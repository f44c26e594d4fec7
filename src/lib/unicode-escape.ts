/** A UTF-16 unit as `\u` and four hexadecimal digits, the form of JSON and of double-quoted YAML. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
