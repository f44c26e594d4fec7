// Builds dist/contrast for this machine, or with --all the six targets under dist/<target>/.
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { baseRuntime, TARGETS } from "./build/base-runtime.ts";
import { type Compilation, compileBinary, productCompilation } from "./build/compile-binary.ts";

const root = join(import.meta.dir, "..");

async function build(compilation: Compilation): Promise<void> {
  const startedMs = performance.now();
  await compileBinary(compilation);
  const { size } = await stat(compilation.outfile);
  const digest = createHash("sha256")
    .update(await readFile(compilation.outfile))
    .digest("hex");
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const name = relative(root, compilation.outfile);
  console.log(`${name}  ${(size / 1e6).toFixed(1)} MB  ${seconds} s  sha256:${digest}`);
}

async function main(): Promise<void> {
  if (!process.argv.includes("--all")) {
    await build(await productCompilation(root, join(root, "dist", "contrast")));
    return;
  }
  for (const target of TARGETS) {
    const runtime = await baseRuntime(root, target);
    const compilation = await productCompilation(root, join(root, "dist", target.name, target.outfile));
    const flags = [`--target=bun-${target.name}`, `--compile-executable-path=${runtime}`];
    await build({ ...compilation, flags: [...compilation.flags, ...flags] });
  }
}

await main();
