import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Programs that note how they were called, found through `env`. */
export interface RecordingPrograms {
  /** `PATH` names their directory only. */
  readonly env: Readonly<Record<string, string>>;
  /** The calls so far: words joined by a space. */
  readonly calls: () => readonly string[];
  /** What a program of those that listen was told on its standard input so far. */
  readonly inputOf: (name: string) => string;
}

/**
 * Makes shell scripts in place of system programs.
 *
 * @param programs by name: which exit status a call has whose words begin so; 0 without an entry
 * @param answers by name: what a call writes whose words begin so, without apostrophes
 * @param listeners programs that read their standard input to its end
 */
export function recordingPrograms(
  programs: Readonly<Record<string, Readonly<Record<string, number>>>>,
  answers: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  listeners: readonly string[] = [],
): RecordingPrograms {
  const directory = temporaryDirectory();
  const log = join(directory, "calls.log");
  const inputFile = (name: string): string => join(directory, `${name}.input`);
  for (const [name, statuses] of Object.entries(programs)) {
    const cases = Object.entries(statuses).map(([words, status]) => `  "${words}"*) exit ${status} ;;`);
    const texts = Object.entries(answers[name] ?? {}).map(([words, text]) => `  "${words}"*) echo '${text}' ;;`);
    const choose = (choices: readonly string[]): string[] => ['case "$*" in', ...choices, "esac"];
    const note = `while IFS= read -r line; do echo "$line"; done >> "${inputFile(name)}"`;
    const heard = listeners.includes(name) ? [note] : [];
    const called = `echo "${name} $*" >> "${log}"`;
    const script = ["#!/bin/sh", called, ...heard, ...choose(texts), ...choose(cases), "exit 0", ""];
    writeFileSync(join(directory, name), script.join("\n"));
    chmodSync(join(directory, name), 0o755);
  }
  return {
    env: { PATH: directory },
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
    inputOf: (name) => readFileSync(inputFile(name), "utf8"),
  };
}
