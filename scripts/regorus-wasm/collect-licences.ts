import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The licence texts of crates; crates with the same text share it.
 *
 * @param tree lines of `cargo tree`: name, version and licence, with `|` before the licence
 * @param folder where the crates' sources lie, each under its name or its name and version
 */
export async function collectLicences(tree: string, folder: string): Promise<string> {
  const crates = [...new Set(tree.trim().split("\n"))].map((line) => /^(\S+) v(\S+).*\|(.*)$/.exec(line));
  const folders = new Set(await readdir(folder));
  const byText = new Map<string, string[]>();
  for (const match of crates) {
    const [, name = "", version = "", licence = ""] = match ?? [];
    const own = [`${name}-${version}`, name].find((each) => folders.has(each));
    if (own === undefined) continue; // the crate of this repository
    for (const text of await licenceTexts(join(folder, own))) {
      byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence || "see text"})`]);
    }
  }
  return [...byText]
    .map(([text, titles]) => `${titles.toSorted().join("\n")}\n\n${text}\n`)
    .join(`\n${"-".repeat(80)}\n\n`);
}

async function licenceTexts(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).toSorted();
  const texts = await Promise.all(names.map(async (name) => (await readFile(join(folder, name), "utf8")).trim()));
  return texts.map((text) => text.replaceAll("\r\n", "\n"));
}
