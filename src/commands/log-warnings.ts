import type { Finding } from "../lib/finding.ts";
import type { Logger } from "../lib/log.ts";

/**
 * Writes a line for each warning. What is the same for many objects is told once, at its first place, with the number
 * of the others; `--format json` lists every place.
 */
export function logWarnings(warnings: readonly Omit<Finding, "severity">[], log: Logger): void {
  const groups = Map.groupBy(warnings, ({ code, message, hint }) => JSON.stringify([code, message, hint]));
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { message, file, line, column, object, path, hint } = first;
    const place = file === undefined ? undefined : [file, line, column].filter((part) => part !== undefined).join(":");
    const morePlaces = others.length === 0 ? undefined : others.length;
    log.warn(message, { place, object, path: path || undefined, morePlaces, hint });
  }
}
