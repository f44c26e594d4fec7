import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { productionPackages, readLockfile } from "./lockfile.ts";

/**
 * The licences of everything that the binary contains: the packages that `dependencies` of package.json reach, and
 * Bun with what is linked into it. Packages with the same text share it.
 */
export async function renderNotices(root: string): Promise<string> {
  const lockfile = await readLockfile(root);
  const byText = new Map<string, string[]>();
  for (const path of productionPackages(lockfile)) {
    const { version, license } = lockfile.packages[path] ?? {};
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const text = await licenseText(root, join(root, path), license ?? "");
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

async function licenseText(root: string, folder: string, license: string): Promise<string> {
  if (!existsSync(folder)) throw new Error(`Cannot read the licence of ${folder}: run "npm ci" first`);
  const names = await readdir(folder);
  const file = names.toSorted().find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return readText(join(folder, file));
  // Such packages name the licence only; its text is the one of this program.
  if (!license.includes("Apache-2.0")) throw new Error(`Cannot find the licence of ${folder}: got "${license}"`);
  return [await readText(join(root, "LICENSE")), ...(await licenceComments(folder))].join("\n\n");
}

/** Licences of other origin that stand at the top of a package's files, each once. */
async function licenceComments(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  const texts = new Set<string>();
  for (const name of names.filter((name) => name.endsWith(".js")).toSorted()) {
    const comment = /^(?:\/\/.*\n)+/.exec(await readFile(join(folder, name), "utf8"))?.[0] ?? "";
    if (comment.includes("Redistribution")) texts.add(comment.replaceAll(/^\/\/ ?/gm, "").trim());
  }
  return [...texts];
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, "utf8")).replaceAll("\r\n", "\n").trim();
}

function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n.*?\n---\n/s, "").trim();
}
