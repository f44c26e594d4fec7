import { createLogger, type LogFields, type Logger } from "../../lib/log.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { parseLogLevel } from "../../terminal/log-level.ts";

/** How a role that runs for long writes its log. */
export interface RoleLog {
  readonly log: Logger;
  /** Lines of one group carry its name. */
  readonly group: (name: string) => Logger;
  /** As `group`, without `debug` and `info` unless `CONTRAST_LOG_SUBSYSTEMS` names the subsystem. */
  readonly subsystem: (name: string) => Logger;
}

/**
 * Makes the log of a role: its level is that of `--log-level`, else of `CONTRAST_LOG_LEVEL`, else `info`.
 * `CONTRAST_LOG_SUBSYSTEMS` lists names with commas between them, or is `*` for all.
 *
 * @throws UsageError `terminal/invalid-log-level`
 */
export function createRoleLog(flags: ParsedFlags, { env, err, now }: Pick<Io, "env" | "err" | "now">): RoleLog {
  const level = flags.isSet("log-level") ? flags.string("log-level") : (env["CONTRAST_LOG_LEVEL"] ?? "");
  const log = createLogger(parseLogLevel(level), err, now);
  const chosen = new Set((env["CONTRAST_LOG_SUBSYSTEMS"] ?? "").split(",").map((name) => name.trim()));
  return {
    log,
    group: (name) => withField(log, "group", name),
    subsystem: (name) => {
      const named = withField(log, "subsystem", name);
      return chosen.has("*") || chosen.has(name) ? named : { ...named, debug: () => {}, info: () => {} };
    },
  };
}

function withField(log: Logger, key: string, value: string): Logger {
  const merged = (fields: LogFields | undefined): LogFields => ({ [key]: value, ...fields });
  return {
    debug: (text, fields) => log.debug(text, merged(fields)),
    info: (text, fields) => log.info(text, merged(fields)),
    warn: (text, fields) => log.warn(text, merged(fields)),
    error: (text, fields) => log.error(text, merged(fields)),
  };
}
