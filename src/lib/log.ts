import { visibleText } from "./visible-text.ts";

/** Levels as Go's slog numbers them, so that a numeric `--log-level` compares as the original's does. */
export const LOG_LEVELS = { debug: -4, info: 0, warn: 4, error: 8 } as const;

/** Name of a level. */
export type LogLevel = keyof typeof LOG_LEVELS;

/** Values of a log line. Never seeds, keys, tokens or whole certificates: name such things by digest. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes log lines: stable lower-case text, everything that varies in fields. */
export interface Logger {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}

/**
 * Makes a logger that renders `time=… level=… msg=… key=value` lines.
 *
 * @param minimum lines below this number are dropped (see LOG_LEVELS)
 * @param write receives one line without its newline
 * @param now the clock
 */
export function createLogger(minimum: number, write: (line: string) => void, now: () => Date): Logger {
  const emit = (level: LogLevel, text: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS[level] < minimum) return;
    const pairs = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${quoteValue(String(value))}`);
    const time = now().toISOString();
    write(`time=${time} level=${level.toUpperCase()} msg=${quoteValue(text)}${pairs.join("")}`);
  };
  return {
    debug: (text, fields) => emit("debug", text, fields),
    info: (text, fields) => emit("info", text, fields),
    warn: (text, fields) => emit("warn", text, fields),
    error: (text, fields) => emit("error", text, fields),
  };
}

/** Quotes a value that would not read back as one word; what a terminal obeys never reaches it raw. */
function quoteValue(value: string): string {
  if (/^[^\s"=\p{Cc}]+$/u.test(value) && visibleText(value) === value) return value;
  return visibleText(JSON.stringify(value));
}
