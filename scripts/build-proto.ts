// Generates src/proto/*_pb.ts from src/proto/*.proto with the pinned buf and protoc-gen-es; needs no network.
// With --check: fails when a committed file is not what would be generated.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const FOLDER = join(ROOT, "src", "proto");

/** The generated files by name. */
async function generate(): Promise<ReadonlyMap<string, string>> {
  const out = await mkdtemp(join(tmpdir(), "contrast-proto-"));
  try {
    const plugin = { local: "protoc-gen-es", out, opt: ["target=ts", "import_extension=ts"] };
    const template = JSON.stringify({ version: "v2", plugins: [plugin] });
    const child = Bun.spawnSync(["buf", "generate", FOLDER, "--template", template], {
      cwd: ROOT,
      env: { ...process.env, BUF_CACHE_DIR: out, PATH: `${join(ROOT, "node_modules", ".bin")}:${process.env["PATH"]}` },
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (child.exitCode !== 0) throw new Error(`Cannot generate src/proto: buf exited with ${child.exitCode}`);
    const names = (await readdir(out)).filter((name) => name.endsWith("_pb.ts")).toSorted();
    return new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(out, name), "utf8")] as const)),
    );
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function committed(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith("_pb.ts"));
  const texts = names.map(async (name) => [name, await readFile(join(FOLDER, name), "utf8")] as const);
  return new Map(await Promise.all(texts));
}

async function check(files: ReadonlyMap<string, string>): Promise<void> {
  const present = await committed();
  const different = [...new Set([...files.keys(), ...present.keys()])].filter(
    (name) => files.get(name) !== present.get(name),
  );
  if (different.length === 0) return;
  const names = different.join(", ");
  throw new Error(`src/proto is stale (${names}): run "npx bun scripts/build-proto.ts" and commit the result`);
}

const files = await generate();
if (process.argv.includes("--check")) await check(files);
else for (const [name, text] of files) await writeFile(join(FOLDER, name), text);
