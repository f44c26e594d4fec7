// Builds dist/contrast for this machine, or with --all the six targets under dist/<target>/
// and their digests in dist/SHA256SUMS.
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { baseRuntime, TARGETS } from "./build/base-runtime.ts";
import { type Compilation, compileBinary, productCompilation } from "./build/compile-binary.ts";

const root = join(import.meta.dir, "..");

/** @returns SHA-256 of the binary in hexadecimal */
async function build(compilation: Compilation): Promise<string> {
  const startedMs = performance.now();
  await compileBinary(compilation);
  const { size } = await stat(compilation.outfile);
  const digest = createHash("sha256")
    .update(await readFile(compilation.outfile))
    .digest("hex");
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const name = relative(root, compilation.outfile);
  console.log(`${name}  ${(size / 1e6).toFixed(1)} MB  ${seconds} s  sha256:${digest}`);
  return digest;
}

async function main(): Promise<void> {
  if (!process.argv.includes("--all")) {
    await build(await productCompilation(root, join(root, "dist", "contrast")));
    return;
  }
  const sums: string[] = [];
  for (const target of TARGETS) {
    const runtime = await baseRuntime(root, target);
    const compilation = await productCompilation(root, join(root, "dist", target.name, target.outfile));
    const flags = [`--target=bun-${target.name}`, `--compile-executable-path=${runtime}`];
    const digest = await build({ ...compilation, flags: [...compilation.flags, ...flags] });
    sums.push(`${digest}  ${target.name}/${target.outfile}\n`);
  }
  await writeFile(join(root, "dist", "SHA256SUMS"), sums.join(""));
}

await main();
