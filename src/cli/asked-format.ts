import type { OutputFormat } from "../terminal/io.ts";

/** Whether the words ask for JSON, also where the rest of the command line cannot be understood. */
export function askedFormat(args: readonly string[]): OutputFormat {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  const last = words.findLastIndex((word) => word === "--format" || word.startsWith("--format="));
  const value = words[last] === "--format" ? words[last + 1] : words[last]?.slice("--format=".length);
  return value === "json" ? "json" : "text";
}
