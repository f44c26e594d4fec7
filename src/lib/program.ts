import { stat } from "node:fs/promises";
import { VERSION } from "./build-info.ts";

/**
 * A text that changes with every build of the program, for results that only the same build may take over.
 *
 * @returns undefined when the program runs from source, where nothing tells one state of the code from another
 */
export async function programId(): Promise<string | undefined> {
  if (!Bun.isStandaloneExecutable) return undefined;
  const { size, mtimeMs } = await stat(process.execPath);
  return `${VERSION} ${size} ${mtimeMs}`;
}

/** Where relative paths start from. */
export function workingDirectory(): string {
  return process.cwd();
}
