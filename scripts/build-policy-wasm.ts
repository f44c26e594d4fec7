// Compiles policy/rules.rego, and beside it policy/explain.rego, to wasm/policy.wasm with the pinned OPA, and writes down
// what it was made from. Only the rules are part of policies; what explains their refusals stays in this program.
// With --check: fails when the committed module is stale, and compiles and compares it where that OPA is at hand.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entryPointsOf, moduleOfBundle } from "./policy-wasm/bundle.ts";
import { findOpa, installOpa, OPA_VERSION } from "./policy-wasm/opa-tool.ts";
import { sha256Hex } from "../src/lib/digest.ts";

const ROOT = join(import.meta.dir, "..");
const RULES = "policy/rules.rego";
const SOURCES = [RULES, "policy/explain.rego"].filter((path) => existsSync(join(ROOT, path)));
const MODULE = "wasm/policy.wasm";
const RECORD = "wasm/policy.wasm.json";

/** What wasm/policy.wasm.json says: enough to see that the module is current without compiling it. */
interface BuildRecord {
  readonly opaVersion: string;
  readonly sources: Readonly<Record<string, string>>;
  readonly moduleSha256: string;
}

async function compile(opa: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "contrast-wasm-"));
  try {
    const bundle = join(folder, "bundle.tar.gz");
    const requests = entryPointsOf(await readFile(join(ROOT, RULES), "utf8"));
    const names = SOURCES.length > 1 ? [...requests, "explanation"] : requests;
    const entries = names.flatMap((name) => ["-e", `agent_policy/${name}`]);
    const command = [opa, "build", "--v0-compatible", "-t", "wasm", ...entries, "-o", bundle, ...SOURCES];
    // The relative path is part of the module (positions in messages), so the directory must not matter.
    const child = Bun.spawnSync(command, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    if (child.exitCode !== 0)
      throw new Error(`Cannot compile ${SOURCES.join(" and ")}: opa exited with ${child.exitCode}`);
    return await moduleOfBundle(bundle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function recordOf(module: Uint8Array): Promise<BuildRecord> {
  const digests = SOURCES.map(async (path) => [path, sha256Hex(await readFile(join(ROOT, path)))] as const);
  return {
    opaVersion: OPA_VERSION,
    sources: Object.fromEntries(await Promise.all(digests)),
    moduleSha256: sha256Hex(module),
  };
}

const render = (record: BuildRecord): string => `${JSON.stringify(record, null, 2)}\n`;

async function build(): Promise<void> {
  const module = await compile(findOpa(ROOT) ?? installOpa(ROOT));
  await writeFile(join(ROOT, MODULE), module);
  await writeFile(join(ROOT, RECORD), render(await recordOf(module)));
  console.log(`${MODULE}: ${module.length} bytes, sha256 ${sha256Hex(module)}`);
}

async function check(): Promise<void> {
  const module = await readFile(join(ROOT, MODULE));
  if ((await readFile(join(ROOT, RECORD), "utf8")) !== render(await recordOf(module))) {
    throw new Error(`${MODULE} is stale: run "npx bun scripts/build-policy-wasm.ts" and commit the result`);
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
