import type { Io } from "./io.ts";

/**
 * Whether text is coloured. `NO_COLOR` (any value but empty) wins over `FORCE_COLOR` (any value but empty, `0` and
 * `false`), which wins over what the stream is.
 *
 * @param isTerminal asked only where the environment does not decide
 * @see https://no-color.org, https://force-color.org
 */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTerminal: () => boolean): boolean {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("NO_COLOR")) return false;
  if (isSet("FORCE_COLOR")) return env["FORCE_COLOR"] !== "0" && env["FORCE_COLOR"] !== "false";
  return env["TERM"] !== "dumb" && isTerminal();
}

/** Text in bold red. */
export function inRed(text: string): string {
  return `\u001b[1;31m${text}\u001b[0m`;
}

/** What a piece of text says, for its colour. */
export type Tone = "good" | "bad" | "doubtful" | "heading" | "quiet";

const SEQUENCES: Readonly<Record<Tone, string>> = {
  good: "\u001b[32m",
  bad: "\u001b[1;31m",
  doubtful: "\u001b[33m",
  heading: "\u001b[1m",
  quiet: "\u001b[2m",
};

/** Gives text a colour, or leaves it alone. */
export type Paint = (tone: Tone, text: string) => string;

/** Leaves all text alone. */
export const NO_PAINT: Paint = (_tone, text) => text;

/** Colours text for terminals. */
export const PAINT: Paint = (tone, text) => `${SEQUENCES[tone]}${text}\u001b[0m`;

/** Colours what goes to standard output, where that is wanted. */
export function paintFor({ env, columns }: Pick<Io, "env" | "columns">): Paint {
  return wantsColour(env, () => columns() !== undefined) ? PAINT : NO_PAINT;
}
