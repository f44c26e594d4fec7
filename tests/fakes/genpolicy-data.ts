import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasPrograms } from "./peers.ts";

/**
 * Folder of the sources of the current engine's crate with policies that genpolicy made for AKS: in each folder of it the
 * policy, the requests as agents logged them, the values of the rules, and what they print.
 *
 * @returns an empty text where cargo or the sources are missing
 */
export function genpolicyData(): string {
  if (!hasPrograms("policies of genpolicy", "cargo")) return "";
  const manifest = join(import.meta.dir, "../interop/regorus/Cargo.toml");
  const words = ["metadata", "--format-version", "1", "--manifest-path", manifest];
  const { status, stdout } = spawnSync("cargo", words, { maxBuffer: 1 << 28 });
  if (status !== 0) return "";
  const { packages } = JSON.parse(stdout.toString()) as {
    packages: { name: string; version: string; manifest_path: string }[];
  };
  const crate = packages.find(({ name, version }) => name === "regorus" && version === "0.14.1");
  return crate === undefined ? "" : join(dirname(crate.manifest_path), "tests/kata/data");
}

/** Names of the folders, sorted. */
export function genpolicyNames(data: string): readonly string[] {
  if (!existsSync(data)) return [];
  const entries = readdirSync(data, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
}
