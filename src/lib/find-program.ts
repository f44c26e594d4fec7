import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * Where a program is, as a shell finds it: a name with a slash is a path, any other is looked for along `PATH`.
 *
 * @param searchPath value of `PATH`
 * @returns an absolute path; undefined where no such file may be run
 */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  const candidates = name.includes("/")
    ? [name]
    : searchPath.split(":").flatMap((directory) => (directory === "" ? [] : [join(directory, name)]));
  for (const candidate of candidates) if (await isProgram(candidate)) return resolve(candidate);
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
