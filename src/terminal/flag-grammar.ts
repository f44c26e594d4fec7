import type { FlagDefinition } from "./command-definition.ts";
import { similarNames } from "./similar-names.ts";
import { UsageError } from "./usage-error.ts";

/** What the user gave for one flag; the last use of a `string` or `boolean` counts. */
export type FlagValue = string | boolean | readonly string[];

/** Command line words, told apart. */
export interface ParsedArguments {
  /** Only flags that the user gave, by long name. */
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly positionals: readonly string[];
}

/** How Go's strconv.ParseBool reads the value in `--flag=value`. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/**
 * Reads words by the rules of Go's pflag: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`, grouped
 * short booleans, booleans take a value only after `=`, flags may follow positionals, `--` ends flags, names are never
 * shortened. A value is the next word whatever it looks like.
 *
 * @throws UsageError `terminal/unknown-flag`, `terminal/flag-syntax`, `terminal/flag-needs-argument`,
 *   `terminal/invalid-argument`
 * @see github.com/spf13/pflag flag.go, parseArgs
 */
export function parseFlags(flags: readonly FlagDefinition[], args: readonly string[]): ParsedArguments {
  const values = new Map<string, FlagValue>();
  const positionals: string[] = [];
  let index = 0;
  const nextWord = (): string | undefined => args[index++];
  for (let word = nextWord(); word !== undefined; word = nextWord()) {
    if (word === "--") {
      positionals.push(...args.slice(index));
      break;
    }
    if (word.startsWith("--")) parseLong(word, flags, values, nextWord);
    else if (word.startsWith("-") && word.length > 1) parseShort(word, flags, values, nextWord);
    else positionals.push(word);
  }
  return { values, positionals };
}

type NextWord = () => string | undefined;

function parseLong(
  word: string,
  flags: readonly FlagDefinition[],
  values: Map<string, FlagValue>,
  next: NextWord,
): void {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals === -1 ? undefined : equals);
  if (name === "" || name.startsWith("-")) throw new UsageError("terminal/flag-syntax", `bad flag syntax: ${word}`);
  const flag = flags.find((candidate) => candidate.name === name);
  if (flag === undefined) throw unknownFlag(`unknown flag: --${name}`, similarFlag(name, flags));
  if (equals !== -1) store(flag, word.slice(equals + 1), values);
  else if (flag.type === "boolean") values.set(flag.name, true);
  else store(flag, next() ?? missingArgument(`--${name}`), values);
}

function parseShort(
  word: string,
  flags: readonly FlagDefinition[],
  values: Map<string, FlagValue>,
  next: NextWord,
): void {
  for (let letters = word.slice(1); letters !== "";) {
    const letter = letters.charAt(0);
    const flag = flags.find((candidate) => candidate.short === letter);
    if (flag === undefined) {
      // A long name behind a single dash, as other programs take it.
      const long = flags.find((candidate) => candidate.name === word.slice(1).split("=")[0]);
      throw unknownFlag(`unknown shorthand flag: '${letter}' in -${letters}`, long?.name);
    }
    const rest = letters.slice(1);
    // A lone "=" is not a separator in pflag: "-p=" gives the value "=".
    if (rest.length > 1 && rest.startsWith("=")) {
      store(flag, rest.slice(1), values);
      return;
    }
    if (flag.type !== "boolean") {
      store(flag, rest === "" ? (next() ?? missingArgument(`'${letter}' in -${letters}`)) : rest, values);
      return;
    }
    values.set(flag.name, true);
    letters = rest;
  }
}

function store(flag: FlagDefinition, text: string, values: Map<string, FlagValue>): void {
  switch (flag.type) {
    case "boolean": {
      const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
      if (value === undefined) throw invalidArgument(flag, text, "want true or false");
      values.set(flag.name, value);
      break;
    }
    case "strings": {
      const earlier = values.get(flag.name);
      values.set(flag.name, Array.isArray(earlier) ? [...earlier, text] : [text]);
      break;
    }
    case "string":
      values.set(flag.name, text);
  }
}

function similarFlag(name: string, flags: readonly FlagDefinition[]): string | undefined {
  const visible = flags.filter((flag) => flag.hidden !== true).map((flag) => flag.name);
  return similarNames(name, visible)[0];
}

function unknownFlag(message: string, meant: string | undefined): UsageError {
  return new UsageError(
    "terminal/unknown-flag",
    message,
    meant === undefined ? {} : { hint: `Did you mean --${meant}?` },
  );
}

function missingArgument(what: string): never {
  throw new UsageError("terminal/flag-needs-argument", `flag needs an argument: ${what}`);
}

/** A value that the flag cannot take, in pflag's words. */
export function invalidArgument(flag: FlagDefinition, text: string, reason: string): UsageError {
  const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
  return new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "${names}" flag: ${reason}`,
  );
}
