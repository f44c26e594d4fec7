// Compiles policy/lint/*.rego to wasm/lint.wasm with the pinned OPA, and writes down what it was made from.
// With --check: fails when the committed module is stale, and compiles and compares it where that OPA is at hand.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { moduleOfBundle } from "./policy-wasm/bundle.ts";
import { findOpa, installOpa, OPA_VERSION } from "./policy-wasm/opa-tool.ts";
import { sha256Hex } from "../src/lib/digest.ts";

const ROOT = join(import.meta.dir, "..");
const FOLDER = "policy/lint";
const MODULE = "wasm/lint.wasm";
const RECORD = "wasm/lint.wasm.json";
const ENTRY_POINT = "contrast/lint/findings";

/** Paths of the rules, from the root, in order. */
async function sources(): Promise<readonly string[]> {
  const names = (await readdir(join(ROOT, FOLDER))).filter((name) => name.endsWith(".rego"));
  return names.toSorted().map((name) => `${FOLDER}/${name}`);
}

async function compile(opa: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "contrast-wasm-"));
  try {
    const bundle = join(folder, "bundle.tar.gz");
    const command = [opa, "build", "-t", "wasm", "-e", ENTRY_POINT, "-o", bundle, ...(await sources())];
    // The relative paths are part of the module, so the directory must not matter.
    const child = Bun.spawnSync(command, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    if (child.exitCode !== 0) throw new Error(`Cannot compile ${FOLDER}: opa exited with ${child.exitCode}`);
    return await moduleOfBundle(bundle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What wasm/lint.wasm.json says: enough to see that the module is current without compiling it. */
async function renderRecord(module: Uint8Array): Promise<string> {
  const digests: Record<string, string> = {};
  for (const path of await sources()) digests[path] = sha256Hex(await readFile(join(ROOT, path)));
  const record = { opaVersion: OPA_VERSION, sources: digests, moduleSha256: sha256Hex(module) };
  return `${JSON.stringify(record, null, 2)}\n`;
}

async function build(): Promise<void> {
  const module = await compile(findOpa(ROOT) ?? installOpa(ROOT));
  await writeFile(join(ROOT, MODULE), module);
  await writeFile(join(ROOT, RECORD), await renderRecord(module));
  console.log(`${MODULE}: ${module.length} bytes, sha256 ${sha256Hex(module)}`);
}

async function check(): Promise<void> {
  const module = await readFile(join(ROOT, MODULE));
  if ((await readFile(join(ROOT, RECORD), "utf8")) !== (await renderRecord(module))) {
    throw new Error(`${MODULE} is stale: run "npx bun scripts/build-lint-wasm.ts" and commit the result`);
  }
  const opa = findOpa(ROOT);
  if (opa === undefined) {
    console.log(`${MODULE} matches its record; not compiled again, because opa ${OPA_VERSION} is not installed`);
    return;
  }
  if (!module.equals(await compile(opa))) throw new Error(`${MODULE} differs from what opa ${OPA_VERSION} makes`);
  console.log(`${MODULE} is current`);
}

try {
  await (process.argv.includes("--check") ? check() : build());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
