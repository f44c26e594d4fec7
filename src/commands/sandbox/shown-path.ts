import { relative } from "node:path";
import { workingDirectory } from "../../lib/program.ts";

/** A path as the user would type it from here. */
export function shownPath(path: string): string {
  const short = relative(workingDirectory(), path);
  return short !== "" && short.length < path.length ? short : path;
}
