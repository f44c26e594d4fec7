import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { moduleOfBundle } from "./bundle.ts";
import { findOpa, installOpa, OPA_VERSION } from "./opa-tool.ts";
import { sha256Hex } from "../../src/lib/digest.ts";

const ROOT = join(import.meta.dir, "../..");

/** A module of Rego rules that is committed beside a record of what it was made from. All paths are from the root. */
export interface OpaBuild {
  /** The script that makes it, for messages. */
  readonly script: string;
  readonly module: string;
  readonly sources: readonly string[];
  /** Such as `agent_policy/CreateContainerRequest`. */
  readonly entryPoints: readonly string[];
  /** Further flags of `opa build`. */
  readonly flags: readonly string[];
}

/**
 * Compiles the module and writes it with its record. With `--check` among the arguments: fails when the committed module
 * is stale, and compiles and compares it where the pinned OPA is at hand.
 */
export async function runOpaBuild(build: OpaBuild): Promise<void> {
  try {
    await (process.argv.includes("--check") ? check(build) : write(build));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function write(build: OpaBuild): Promise<void> {
  const module = await compile(build, findOpa(ROOT) ?? installOpa(ROOT));
  await writeFile(join(ROOT, build.module), module);
  await writeFile(recordPath(build), await renderRecord(build, module));
  console.log(`${build.module}: ${module.length} bytes, sha256 ${sha256Hex(module)}`);
}

async function check(build: OpaBuild): Promise<void> {
  const module = await readFile(join(ROOT, build.module));
  if ((await readFile(recordPath(build), "utf8")) !== (await renderRecord(build, module))) {
    throw new Error(`${build.module} is stale: run "npx bun ${build.script}" and commit the result`);
  }
  const opa = findOpa(ROOT);
  if (opa === undefined) {
    console.log(`${build.module} matches its record; not compiled again, because opa ${OPA_VERSION} is not installed`);
    return;
  }
  if (!module.equals(await compile(build, opa))) {
    throw new Error(`${build.module} differs from what opa ${OPA_VERSION} makes`);
  }
  console.log(`${build.module} is current`);
}

async function compile({ sources, entryPoints, flags }: OpaBuild, opa: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "contrast-wasm-"));
  try {
    const bundle = join(folder, "bundle.tar.gz");
    const entries = entryPoints.flatMap((name) => ["-e", name]);
    const command = [opa, "build", ...flags, "-t", "wasm", ...entries, "-o", bundle, ...sources];
    // The relative paths are part of the module (positions in messages), so the directory must not matter.
    const child = Bun.spawnSync(command, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    if (child.exitCode !== 0) {
      throw new Error(`Cannot compile ${sources.join(", ")}: opa exited with ${child.exitCode}`);
    }
    return await moduleOfBundle(bundle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function recordPath({ module }: OpaBuild): string {
  return join(ROOT, `${module}.json`);
}

/** Enough to see that the module is current without compiling it. */
async function renderRecord({ sources }: OpaBuild, module: Uint8Array): Promise<string> {
  const digests: Record<string, string> = {};
  for (const path of sources) digests[path] = sha256Hex(await readFile(join(ROOT, path)));
  const record = { opaVersion: OPA_VERSION, sources: digests, moduleSha256: sha256Hex(module) };
  return `${JSON.stringify(record, null, 2)}\n`;
}
