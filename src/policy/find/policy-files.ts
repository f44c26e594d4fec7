import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../lib/errors.ts";
import { kindOfPath } from "../../lib/files.ts";
import type { Problems } from "../../lib/problems.ts";

/** Deepest directory that is looked into. */
const MAX_DIRECTORY_DEPTH = 100;

/** Files that can hold policies. */
const POLICY_FILE = /\.ya?ml$|^policy\.[0-9a-f]{64}\.rego$/;

/** `manifest.json` of a workspace; `manifest.0.json` and so on of a saved history. */
const MANIFEST_FILE = /^manifest(?:\.[0-9]{1,9})?\.json$/;

/** What lies under one path. */
export interface PolicyFiles {
  readonly isDirectory: boolean;
  /** YAML files and policies that `verify` wrote, in lexical order; a file that was named is here whatever its name. */
  readonly policies: readonly string[];
  readonly manifests: readonly string[];
}

/**
 * Finds the files that can hold policies or manifests. Symbolic links are followed only where they are named.
 *
 * @param problems receives `policy/path-missing` and `lib/file-unreadable`
 */
export async function findPolicyFiles(path: string, problems: Problems): Promise<PolicyFiles> {
  const kind = await kindOfPath(path);
  if (kind === "nothing") {
    problems.error({ code: "policy/path-missing", message: "there is no such file or directory", file: path });
    return { isDirectory: false, policies: [], manifests: [] };
  }
  if (kind !== "directory") {
    const isManifest = MANIFEST_FILE.test(path.slice(path.lastIndexOf("/") + 1));
    return { isDirectory: false, policies: isManifest ? [] : [path], manifests: isManifest ? [path] : [] };
  }
  const policies: string[] = [];
  const manifests: string[] = [];
  await walk(path, 0, { policies, manifests }, problems);
  return { isDirectory: true, policies, manifests: manifests.toSorted(byNumber) };
}

/** The manifests in one directory, those of a history in their order. */
export async function findManifestsBeside(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => MANIFEST_FILE.test(name))
    .map((name) => join(directory, name))
    .toSorted(byNumber);
}

async function walk(
  path: string,
  depth: number,
  found: { readonly policies: string[]; readonly manifests: string[] },
  problems: Problems,
): Promise<void> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    problems.error({ code: "lib/file-unreadable", message: `cannot be read: ${messageOf(error)}`, file: path });
    return;
  }
  for (const name of names.toSorted((left, right) => (left < right ? -1 : 1))) {
    const inside = join(path, name);
    const info = await lstat(inside).catch(() => undefined);
    if (info?.isDirectory() === true && depth < MAX_DIRECTORY_DEPTH) await walk(inside, depth + 1, found, problems);
    else if (info?.isFile() !== true) continue;
    else if (MANIFEST_FILE.test(name)) found.manifests.push(inside);
    else if (POLICY_FILE.test(name)) found.policies.push(inside);
  }
}

/** `manifest.9.json` comes before `manifest.10.json`. */
function byNumber(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
