// Compiles wasm/regorus (Rust) to wasm/regorus.wasm.zst with the pinned compiler, and writes down what it was made from.
// With --check: fails when the committed file is stale. With --check --rebuild: also compiles it again and compares.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { sha256Hex } from "../src/lib/digest.ts";
import { compileCrate, rustVersion } from "./regorus-wasm/compile-crate.ts";

const ROOT = join(import.meta.dir, "..");
const CRATE = "wasm/regorus";
const PACKED = "wasm/regorus.wasm.zst";
const LICENCES = "wasm/regorus.licences.txt";
const RECORD = "wasm/regorus.wasm.json";

/** The only compiler whose output is committed; another one makes another module. */
const RUST_VERSION = "1.95.0";

/** What wasm/regorus.wasm.json says: enough to see that the module is current without compiling it. */
interface BuildRecord {
  readonly rustVersion: string;
  readonly sources: Readonly<Record<string, string>>;
  readonly moduleSha256: string;
  readonly packedSha256: string;
  readonly licencesSha256: string;
}

async function recordOf(packed: Uint8Array, licences: string): Promise<BuildRecord> {
  const names = ["Cargo.toml", "crates.lock"];
  for (const name of await readdir(join(ROOT, CRATE, "src"))) names.push(`src/${name}`);
  const sources = names.toSorted().map(async (name): Promise<[string, string]> => {
    return [`${CRATE}/${name}`, sha256Hex(await readFile(join(ROOT, CRATE, name)))];
  });
  return {
    rustVersion: RUST_VERSION,
    sources: Object.fromEntries(await Promise.all(sources)),
    moduleSha256: sha256Hex(zstdDecompressSync(packed)),
    packedSha256: sha256Hex(packed),
    licencesSha256: sha256Hex(new TextEncoder().encode(licences)),
  };
}

const render = (record: BuildRecord): string => `${JSON.stringify(record, null, 2)}\n`;

async function build(): Promise<void> {
  const found = rustVersion();
  if (found !== RUST_VERSION) {
    throw new Error(
      `Cannot build ${PACKED}: got Rust ${found ?? "without wasm32-unknown-unknown"}, want ${RUST_VERSION}`,
    );
  }
  const { module, licences } = await compileCrate(join(ROOT, CRATE));
  const packed = zstdCompressSync(module, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
  await writeFile(join(ROOT, PACKED), packed);
  await writeFile(join(ROOT, LICENCES), licences);
  await writeFile(join(ROOT, RECORD), render(await recordOf(packed, licences)));
  console.log(`${PACKED}: ${packed.length} bytes (${module.length} unpacked), sha256 ${sha256Hex(packed)}`);
}

async function check(): Promise<void> {
  const packed = await readFile(join(ROOT, PACKED));
  const licences = await readFile(join(ROOT, LICENCES), "utf8");
  if ((await readFile(join(ROOT, RECORD), "utf8")) !== render(await recordOf(packed, licences))) {
    throw new Error(`${PACKED} is stale: run "npx bun scripts/build-regorus-wasm.ts" and commit the result`);
  }
  if (!process.argv.includes("--rebuild")) {
    console.log(`${PACKED} matches its record; "--rebuild" also compiles it again`);
    return;
  }
  if (rustVersion() !== RUST_VERSION) throw new Error(`Cannot compile ${PACKED} again: need Rust ${RUST_VERSION}`);
  const { module } = await compileCrate(join(ROOT, CRATE));
  if (!Buffer.from(module).equals(zstdDecompressSync(packed))) {
    throw new Error(`${PACKED} differs from what Rust ${RUST_VERSION} makes`);
  }
  console.log(`${PACKED} is current`);
}

try {
  await (process.argv.includes("--check") ? check() : build());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
