/** Text of the user in a message: in double quotes, on one line, cut to at most `maxCharacters`. */
export function quoteText(text: string, maxCharacters = 80): string {
  return JSON.stringify(text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text);
}
