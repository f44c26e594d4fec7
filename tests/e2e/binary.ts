import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Compilation,
  compileBinary,
  productCompilation,
  RELEASE_FLAGS,
} from "../../scripts/build/compile-binary.ts";

const ROOT = join(import.meta.dir, "..", "..");
const INPUTS = ["src/**", "policy/**", "wasm/**", "scripts/build/**", "package*.json", "LICENSE"];

const builds = new Map<string, Promise<string>>();

/**
 * The compiled product, built into `dist/` when the digest of its sources says that the one there is old.
 *
 * @returns absolute path of the binary
 */
export async function contrastBinary(): Promise<string> {
  const outfile = join(ROOT, "dist", "contrast");
  return await builtOnce(outfile, INPUTS, async () => await productCompilation(ROOT, outfile));
}

/** A program of `tests/e2e/fixtures/`, compiled with the flags of a release. */
export async function fixtureBinary(name: string, flags: readonly string[] = RELEASE_FLAGS): Promise<string> {
  const variant = createHash("sha256").update(flags.join(" ")).digest("hex").slice(0, 8);
  const outfile = join(ROOT, "dist", "fixtures", variant, name);
  const entry = `tests/e2e/fixtures/${name}.ts`;
  return await builtOnce(outfile, [...INPUTS, entry], async () => ({ entry, root: ROOT, outfile, flags }));
}

function builtOnce(outfile: string, inputs: readonly string[], plan: () => Promise<Compilation>): Promise<string> {
  const build = builds.get(outfile) ?? buildIfOld(outfile, inputs, plan);
  builds.set(outfile, build);
  return build;
}

async function buildIfOld(
  outfile: string,
  inputs: readonly string[],
  plan: () => Promise<Compilation>,
): Promise<string> {
  const record = `${outfile}.sources`;
  const digest = digestOf(inputs);
  if (existsSync(outfile) && existsSync(record) && readFileSync(record, "utf8") === digest) return outfile;
  await compileBinary(await plan());
  writeFileSync(record, digest);
  return outfile;
}

function digestOf(patterns: readonly string[]): string {
  const hash = createHash("sha256");
  const files = patterns.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: ROOT, onlyFiles: true })]);
  for (const file of files.toSorted())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update("\0");
  return hash.digest("hex");
}
