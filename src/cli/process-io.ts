import { createLogger, LOG_LEVELS } from "../lib/log.ts";
import { visibleText } from "../lib/visible-text.ts";
import type { Io, OutputFormat } from "../terminal/io.ts";
import { createProgressBars, type ProgressBars } from "../terminal/progress-bars.ts";
import { createReadableLog } from "../terminal/readable-log.ts";
import { readStandardInput } from "./standard-input.ts";
import { isTerminal } from "./is-terminal.ts";
import type { Session } from "./session.ts";
import { terminalColumns } from "./terminal-columns.ts";

/** What the global flags say about one run. */
export interface IoSettings {
  readonly format: OutputFormat;
  /** Log lines from this number on; undefined where nobody asked for them, so that warnings are told to people. */
  readonly logLevel: number | undefined;
  readonly signal: AbortSignal;
  readonly progress: ProgressBars;
}

/** Progress on standard error. */
export function createProcessProgress({ err }: Session): ProgressBars {
  return createProgressBars({
    write: (text) => err.write(text),
    isTerminal: () => process.env["TERM"] !== "dumb" && isTerminal(2),
    columns: () => process.stderr.columns,
    now: () => new Date(),
    repeat: (everyMs, tick) => {
      const timer = setInterval(tick, everyMs).unref();
      return () => clearInterval(timer);
    },
  });
}

/** The process as a command sees it. Lines are made safe to show; `write` passes bytes as they are. */
export function createProcessIo(session: Session, { format, logLevel, signal, progress }: IoSettings): Io {
  const now = (): Date => new Date();
  const err = (line: string): void => progress.around(() => session.err.write(`${visibleText(line)}\n`));
  const log = createLogger(logLevel ?? LOG_LEVELS.warn, err, now);
  return {
    out: (line) => progress.around(() => session.out.write(`${visibleText(line)}\n`)),
    write: (chunk) => progress.around(() => session.out.write(chunk)),
    err,
    flush: async () => {
      await Promise.all([session.out.finish(), session.err.finish()]);
    },
    readInput: (maxBytes) => readStandardInput(maxBytes, signal),
    env: process.env,
    now,
    signal,
    log: logLevel === undefined && format === "text" ? createReadableLog(log, err) : log,
    progress,
    format,
    columns: terminalColumns,
  };
}
