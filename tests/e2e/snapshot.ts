import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Every entry below a directory, hidden ones too: type, permissions and content, by path. */
export function snapshotOf(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory, { recursive: true }).map(String).toSorted();
  return Object.fromEntries(names.map((name) => [name, describeEntry(join(directory, name))]));
}

function describeEntry(path: string): string {
  const info = lstatSync(path);
  const mode = (info.mode & 0o7777).toString(8);
  if (info.isDirectory()) return `directory ${mode}`;
  if (info.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!info.isFile()) return `other ${mode}`;
  return `file ${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}
