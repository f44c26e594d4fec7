import type { PreparedManifest } from "./write-measured.ts";

/** What became of the manifest of `--write`, for people. */
export function writtenLines({ path, set }: Pick<PreparedManifest, "path" | "set">): readonly string[] {
  return [`✔️ Updated manifest ${path}`, ...set.map((value) => `  ${value.path}: ${value.value}`)];
}
