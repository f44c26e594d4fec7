import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * The licences of everything that the binary contains: the packages that `dependencies` of package.json reach, and
 * Bun with what is linked into it. Packages with the same text share it.
 */
export async function renderNotices(root: string): Promise<string> {
  const lockfile = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as Lockfile;
  const byText = new Map<string, string[]>();
  for (const path of reachable(lockfile)) {
    const { version, license } = lockfile.packages[path] ?? {};
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const text = await licenseText(join(root, path));
    const title = `${name} ${version ?? ""} (${license ?? "see text"})`;
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  const bun = await readFile(join(root, "node_modules/bun-types/docs/project/license.mdx"), "utf8");
  const line = "=".repeat(80);
  const sections = [...byText].map(([text, titles]) => `${titles.join("\n")}\n\n${text}`);
  const runtime = `Bun ${lockfile.packages["node_modules/bun"]?.version ?? ""}\n\n${withoutFrontMatter(bun)}`;
  const intro = "This program contains the software named below, under the licences that follow each name.";
  return `${[intro, ...sections, runtime].join(`\n\n${line}\n\n`)}\n`;
}

/** Paths of the packages in the lockfile that production code can load, in a stable order. */
function reachable(lockfile: Lockfile): readonly string[] {
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

async function licenseText(folder: string): Promise<string> {
  if (!existsSync(folder)) throw new Error(`Cannot read the licence of ${folder}: run "npm ci" first`);
  const names = await readdir(folder);
  const file = names.toSorted().find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file === undefined) return "The package brings no licence text of its own.";
  return (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
}

function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n.*?\n---\n/s, "").trim();
}
