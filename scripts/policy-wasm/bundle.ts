import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";

/** Names of the rules that callers may ask for: every rule of the file that has a default. Sorted, as flags of opa. */
export function entryPointsOf(rules: string): readonly string[] {
  return [...rules.matchAll(/^default ([A-Z]\w+) :=/gm)].map(([, name]) => name ?? "").toSorted();
}

/** The file policy.wasm of a bundle that `opa build -t wasm` wrote. */
export async function moduleOfBundle(path: string): Promise<Uint8Array> {
  const archive = extract();
  archive.end(gunzipSync(await readFile(path)));
  for await (const entry of archive) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (entry.header.name.endsWith("policy.wasm")) return Buffer.concat(chunks);
  }
  throw new Error(`Cannot read ${path}: no policy.wasm in it`);
}
