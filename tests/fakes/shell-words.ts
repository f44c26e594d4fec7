/** The words of a command for a shell, up to the first operator; only the quotes that pages use. */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [, single, double, plain] of line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)) {
    if (plain !== undefined && /^(?:[|&;<#]|\d?>)/.test(plain)) break;
    words.push(single ?? double ?? plain ?? "");
  }
  return words;
}
