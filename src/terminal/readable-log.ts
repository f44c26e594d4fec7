import type { LogFields, Logger } from "../lib/log.ts";

/**
 * A log for people: warnings and errors are told as those of lint, with the place in front, values and what helps on
 * lines of their own. What is below them stays a log line. Lines are not wrapped, so that they can be searched.
 *
 * @param log for lines below warnings
 * @param write receives one line without its newline
 */
export function createReadableLog(log: Logger, write: (line: string) => void): Logger {
  const tell = (word: string, text: string, fields: LogFields = {}): void => {
    const { place, object, path, morePlaces, hint, ...values } = fields;
    const inside = [object, path].filter((part) => part !== undefined && part !== "").join(", ");
    const more = morePlaces === undefined ? "" : `, and ${morePlaces} more ${morePlaces === 1 ? "place" : "places"}`;
    write(`${word}: ${place === undefined ? "" : `${place}: `}${text}${inside === "" ? "" : ` (${inside})`}${more}`);
    for (const [name, value] of Object.entries(values)) if (value !== undefined) write(`  ${name}: ${value}`);
    if (hint !== undefined) write(`  ${hint}`);
  };
  return {
    ...log,
    warn: (text, fields) => tell("warning", text, fields),
    error: (text, fields) => tell("error", text, fields),
  };
}
