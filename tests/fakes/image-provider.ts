import { type Logger } from "../../src/lib/log.ts";
import type { Progress } from "../../src/lib/progress.ts";
import { type ImageProviderOptions } from "../../src/oci/image-provider.ts";

/** A log that keeps its lines: level, text and fields. */
export interface RecordedLog extends Logger {
  readonly lines: string[];
}

/** Makes a log for assertions. */
export function recordLog(): RecordedLog {
  const lines: string[] = [];
  const write =
    (level: string): Logger["info"] =>
    (text, fields) =>
      void lines.push(`${level} ${text} ${JSON.stringify(fields ?? {})}`);
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Draws nothing. */
export const NO_PROGRESS: Progress = {
  start: () => ({ advance: () => {}, end: () => {} }),
};

/** Options of an image provider that knows no credentials, keeps nothing, and does not wait between tries. */
export function providerOptions(options: Partial<ImageProviderOptions> = {}): ImageProviderOptions {
  return {
    env: {},
    log: recordLog(),
    progress: NO_PROGRESS,
    signal: new AbortController().signal,
    now: () => new Date("2025-06-01T12:00:00Z"),
    sleep: () => Promise.resolve(),
    ...options,
  };
}
