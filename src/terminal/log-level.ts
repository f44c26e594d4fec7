import { LOG_LEVELS } from "../lib/log.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Reads the value of `--log-level`: a name in any letter case, or an integer to compare levels with; an empty text
 * means `info`.
 *
 * @throws UsageError `terminal/invalid-log-level`
 */
export function parseLogLevel(text: string): number {
  if (text === "") return LOG_LEVELS.info;
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case "debug":
      return LOG_LEVELS.debug;
    case "info":
      return LOG_LEVELS.info;
    case "warn":
      return LOG_LEVELS.warn;
    case "error":
      return LOG_LEVELS.error;
    default:
      throw new UsageError(
        "terminal/invalid-log-level",
        `invalid log level: ${JSON.stringify(text)}, want debug, info, warn, error or an integer`,
      );
  }
}
