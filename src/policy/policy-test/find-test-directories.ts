import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ContrastError, messageOf } from "../../lib/errors.ts";

/** Name of the file that makes a directory a test. */
export const CASES_FILE = "testcases.json";

/** Deeper trees are not searched. */
const MAX_DEPTH = 32;

/** A directory with test cases, and the YAML files beside them. */
export interface TestDirectory {
  readonly path: string;
  /** Paths, sorted. */
  readonly yamlFiles: readonly string[];
}

/**
 * Finds the directories below the given ones that hold a `testcases.json`, in the order of their names. Links to
 * directories are not followed.
 *
 * @throws ContrastError `policy/test-directory-invalid` for a path that is not a readable directory or has no tests
 */
export async function findTestDirectories(paths: readonly string[]): Promise<readonly TestDirectory[]> {
  const found: TestDirectory[] = [];
  for (const path of paths) {
    const before = found.length;
    await search(path, 0, found);
    if (found.length === before) {
      throw new ContrastError(
        "policy/test-directory-invalid",
        `Cannot test policies: no ${CASES_FILE} below "${path}"`,
        { hint: 'Make cases of refused requests with "contrast policy record".', details: { path } },
      );
    }
  }
  return found;
}

async function search(path: string, depth: number, found: TestDirectory[]): Promise<void> {
  const entries = await readDirectory(path);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  if (files.includes(CASES_FILE)) {
    const yamlFiles = files.filter((name) => /\.ya?ml$/.test(name)).toSorted();
    found.push({ path, yamlFiles: yamlFiles.map((name) => join(path, name)) });
  }
  if (depth >= MAX_DEPTH) return;
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of folders.toSorted()) await search(join(path, name), depth + 1, found);
}

async function readDirectory(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw new ContrastError("policy/test-directory-invalid", `Cannot read directory "${path}": ${messageOf(error)}`, {
      cause: error,
      details: { path },
    });
  }
}
