import { TOML } from "bun";
import { ContrastError, messageOf } from "./errors.ts";
import type { Json } from "./json.ts";

/**
 * Parses TOML with the parser of the platform. Values that JSON lacks, such as dates, are objects that no schema of
 * texts, numbers, lists and maps accepts.
 *
 * @param what named in messages
 * @param maxCharacters larger texts are refused before they are parsed
 * @throws ContrastError `lib/toml-invalid`; also for nesting that the parser's stack does not hold
 */
export function parseToml(text: string, what: string, maxCharacters: number): Json {
  if (text.length > maxCharacters) {
    throw invalid(what, `got ${text.length} characters, limit ${maxCharacters}`);
  }
  try {
    return TOML.parse(text) as Json;
  } catch (error) {
    throw invalid(what, error instanceof RangeError ? "nested too deeply" : messageOf(error), error);
  }
}

function invalid(what: string, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("lib/toml-invalid", `Cannot read ${what}: ${fact}`, { cause });
}
