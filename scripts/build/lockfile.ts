import { readFile } from "node:fs/promises";
import { join } from "node:path";

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  /** Digest of the package's archive, such as `sha512-…`. */
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What package-lock.json says of each package, by its path below the root; the root itself is the empty path. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export async function readLockfile(root: string): Promise<Lockfile> {
  return JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as Lockfile;
}

/** Paths of the packages in the lockfile that production code can load, in a stable order. */
export function productionPackages(lockfile: Lockfile): readonly string[] {
  const found = new Set<string>();
  const visit = (from: string): void => {
    for (const name of Object.keys(lockfile.packages[from]?.dependencies ?? {})) {
      const path = resolve(lockfile, from, name);
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      visit(path);
    }
  };
  visit("");
  return [...found].toSorted();
}

/** Where Node finds a package: in the nearest node_modules upwards. */
function resolve(lockfile: Lockfile, from: string, name: string): string | undefined {
  const folders = [from];
  for (let end = from.lastIndexOf("/node_modules/"); end > 0; end = from.lastIndexOf("/node_modules/", end - 1)) {
    folders.push(from.slice(0, end));
  }
  const paths = [...folders.filter((folder) => folder !== "").map((folder) => `${folder}/`), ""];
  return paths.map((folder) => `${folder}node_modules/${name}`).find((path) => path in lockfile.packages);
}
