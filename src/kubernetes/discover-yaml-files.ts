import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { ContrastError, messageOf } from "../lib/errors.ts";
import type { Report } from "./yaml-text.ts";

const MAX_DIRECTORY_DEPTH = 100;

/**
 * Finds the YAML files under the given paths: directories are walked in lexical order, names must end in `.yaml` or
 * `.yml`, hidden files count, symbolic links are followed only where they are arguments themselves. A file that is
 * reached twice is listed once.
 *
 * @param report receives directories that cannot be read (`kubernetes/file-unreadable`)
 * @throws ContrastError `kubernetes/path-missing`, `kubernetes/no-yaml-files`
 */
export async function discoverYamlFiles(paths: readonly string[], report: Report): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const path of paths) await walk(path, 0, found, report);
  if (found.size === 0) {
    throw new ContrastError("kubernetes/no-yaml-files", "Cannot find targets: no .yml/.yaml files found", {
      hint: "Give the files or directories with your Kubernetes resources.",
    });
  }
  return [...found.values()];
}

async function walk(path: string, depth: number, found: Map<string, string>, report: Report): Promise<void> {
  const info = await (depth === 0 ? stat : lstat)(path).catch((error: unknown) => {
    if (depth > 0) return undefined;
    throw new ContrastError("kubernetes/path-missing", `Cannot find targets under "${path}": ${messageOf(error)}`, {
      cause: error,
      details: { path },
    });
  });
  if (info === undefined) return;
  if (info.isFile()) {
    const key = await realpath(path).catch(() => path);
    if (/\.ya?ml$/.test(path) && !found.has(key)) found.set(key, path);
    return;
  }
  if (!info.isDirectory() || depth > MAX_DIRECTORY_DEPTH) return;
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    report({ code: "kubernetes/file-unreadable", message: `cannot be read: ${messageOf(error)}`, file: path });
    return;
  }
  for (const name of names.toSorted((left, right) => (left < right ? -1 : 1))) {
    await walk(join(path, name), depth + 1, found, report);
  }
}
