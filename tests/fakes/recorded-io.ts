import type { Io } from "../../src/terminal/io.ts";
import { NO_PROGRESS, recordLog } from "./image-provider.ts";

/** Surroundings of a command that keep what it prints. */
export interface RecordedIo extends Io {
  readonly printed: string[];
  readonly told: string[];
}

export function recordIo(change: Partial<Io> = {}): RecordedIo {
  const printed: string[] = [];
  const told: string[] = [];
  return {
    printed,
    told,
    out: (line) => void printed.push(line),
    write: (chunk) => void printed.push(String(chunk)),
    err: (line) => void told.push(line),
    flush: async () => {},
    readInput: async () => new Uint8Array(),
    env: {},
    now: () => new Date("2026-01-02T12:00:00Z"),
    signal: new AbortController().signal,
    log: recordLog(),
    progress: NO_PROGRESS,
    format: "text",
    columns: () => undefined,
    ...change,
  };
}
