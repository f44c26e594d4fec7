import type { MovedPlaces } from "../kubernetes/edit/moved-places.ts";
import type { Problem } from "../lib/problems.ts";

/** Where places of the input are in the files as they are written, by file; files that keep their text are not in it. */
export type WrittenPlaces = ReadonlyMap<string, MovedPlaces>;

/** Warnings about files as they lie after the run. */
export interface WrittenWarnings {
  readonly warnings: readonly Problem[];
  /** Whether one is about text that is no longer there, or has a path that patching changed: another run tells it anew. */
  readonly isOutdated: boolean;
}

/** The Initializer becomes the first of them, so that the others get another index. */
const RENUMBERED = /\binitContainers\[/;

/** Moves warnings about the input to where their cause is after writing, which is where users look for it. */
export function writtenWarnings(warnings: readonly Problem[], places: WrittenPlaces): WrittenWarnings {
  let isOutdated = false;
  const moved = warnings.map((warning) => {
    const { file, line, column, path = "" } = warning;
    const place = file === undefined ? undefined : places.get(file);
    if (place === undefined || line === undefined || column === undefined) return warning;
    const { isReplaced, ...now } = place.moved({ line, column });
    isOutdated ||= isReplaced || RENUMBERED.test(path);
    return { ...warning, ...now };
  });
  return { warnings: moved, isOutdated };
}
