// Layer hashes: the hash tree beside openssl and veritysetup, a gzip layer beside gzip, memory over 10 GB.
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileRange } from "../../src/lib/file-range.ts";
import { createChunkPool, type ChunkPool } from "../../src/oci/verity/chunk-pool.ts";
import { hashLayer } from "../../src/oci/verity/hash-layer.ts";
import { VerityHasher } from "../../src/oci/verity/verity-hasher.ts";
import { encodeTarHeader } from "../lib/tar-writer.ts";
import { layerPiece } from "../measure/layer-piece.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 9;
const FILES = 32;
const FILE_BYTES = 8 * 1024 * 1024;
const ROOT = join(import.meta.dir, "..", "..");

/** Rates in bytes a second, times in seconds. */
interface Round {
  readonly openssl: number;
  readonly one: number;
  readonly both: number;
  readonly peer: number;
  readonly layer: number;
  readonly plain: number;
  readonly gzip: number;
}

function failed(error: Error): never {
  throw error;
}

/** Runs a program that must succeed, and gives what it says and how long it took. */
function run(command: readonly string[]): { readonly seconds: number; readonly text: string } {
  const startedMs = performance.now();
  const { exitCode, stdout } = Bun.spawnSync([...command], { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"] });
  if (exitCode !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit status ${exitCode}`);
  return { seconds: (performance.now() - startedMs) / 1000, text: stdout.toString() };
}

/** Bytes a second of SHA-256 over blocks of 4 KiB, by the clock, on one thread. */
function opensslRate(): number {
  const command = ["openssl", "speed", "-elapsed", "-seconds", "1", "-bytes", "4096", "-evp", "sha256"];
  const rate = /^sha256\s+([\d.]+)k$/im.exec(run(command).text)?.[1];
  return Number(rate) * 1000;
}

/** Seconds for the root hash of a file, read into one buffer. */
async function treeSeconds(path: string, pool: ChunkPool): Promise<number> {
  const startedMs = performance.now();
  const hasher = new VerityHasher(pool);
  const buffer = new Uint8Array(1024 * 1024);
  const file = openSync(path, "r");
  for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
    hasher.write(buffer.subarray(0, count));
    // What other threads have finished arrives between pieces, as it does between those of a stream.
    await new Promise(setImmediate);
  }
  closeSync(file);
  await hasher.finish();
  return (performance.now() - startedMs) / 1000;
}

/** Seconds from the stored form of a layer to its root hash, all digests checked. */
async function layerSeconds(path: string, mediaType: string, diffId: string, pool: ChunkPool): Promise<number> {
  const { size: sizeBytes } = await stat(path);
  const open = async (): ReturnType<Parameters<typeof hashLayer>[0]["open"]> => readFileRange(path, 0, sizeBytes);
  const digest = `sha256:${createHash("sha256")
    .update(await Bun.file(path).bytes())
    .digest("hex")}`;
  const startedMs = performance.now();
  await hashLayer({ digest, sizeBytes, mediaType, diffId, open }, { pool, onBytes: () => {} });
  return (performance.now() - startedMs) / 1000;
}

/** An archive of whole blocks, so that the tree can be built over it alone. */
function archive(): Uint8Array {
  const content = layerPiece(FILE_BYTES);
  const files = Array.from({ length: FILES }, (_, index) => [
    encodeTarHeader({ name: `${index}` }, FILE_BYTES),
    content,
  ]);
  return Buffer.concat([...files.flat(), new Uint8Array(4096)]);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
  const alone = createChunkPool(failed, 0);
  const two = createChunkPool(failed, 1);
  try {
    const tar = join(folder, "layer.tar");
    const bytes = archive();
    const diffId = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    await writeFile(tar, bytes);
    run(["gzip", "-k", tar]);
    const verity = ["veritysetup", "format", "--no-superblock", `--salt=${"0".repeat(64)}`, tar, join(folder, "tree")];
    // Threads start, pages get into the cache, the engine compiles.
    for (const pool of [alone, two, two]) await treeSeconds(tar, pool);

    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // All of one round see about the same machine.
      const openssl = opensslRate();
      const one = await treeSeconds(tar, alone);
      const both = await treeSeconds(tar, two);
      const peer = run(verity).seconds;
      const layer = await layerSeconds(`${tar}.gz`, "application/vnd.oci.image.layer.v1.tar+gzip", diffId, two);
      const plain = await layerSeconds(tar, "application/vnd.oci.image.layer.v1.tar", diffId, two);
      const gzip = run(["sh", "-c", `exec gzip -dc ${tar}.gz > /dev/null`]).seconds;
      rounds.push({ openssl, one, both, peer, layer, plain, gzip });
    }
    const value = (of: (round: Round) => number): number => median(rounds.map(of));
    const rate = (seconds: number): number => bytes.length / seconds;
    const name = (text: string): string => `layer hashes: ${text}`;
    const perSecond = "MB/s";
    report({ name: name("tree on one thread"), value: value(({ one }) => rate(one) / 1e6), unit: perSecond });
    report({ name: name("tree on two threads"), value: value(({ both }) => rate(both) / 1e6), unit: perSecond });
    report({ name: name("gzip layer to root"), value: value(({ layer }) => rate(layer) / 1e6), unit: perSecond });
    report({ name: name("plain layer to root"), value: value(({ plain }) => rate(plain) / 1e6), unit: perSecond });
    report({
      name: name("tree on one thread over openssl speed, SHA-256 of 4 KiB"),
      value: value(({ one, openssl }) => rate(one) / openssl),
      unit: "x",
      atLeast: 0.8,
    });
    report({
      name: name("tree on two threads over openssl speed on one"),
      value: value(({ both, openssl }) => rate(both) / openssl),
      unit: "x",
      atLeast: 1.3,
    });
    report({
      name: name("tree, times as fast as veritysetup format"),
      value: value(({ both, peer }) => peer / both),
      unit: "x",
      atLeast: 1.2,
    });
    report({
      name: name("tree on one thread, times as fast as veritysetup format"),
      value: value(({ one, peer }) => peer / one),
      unit: "x",
    });
    report({
      name: name("gzip layer to root over gzip -dc"),
      value: value(({ layer, gzip }) => layer / gzip),
      unit: "x",
      atMost: 1.1,
    });
    for (const gigabytes of [1, 10]) {
      const measured = run([process.execPath, join(ROOT, "scripts/measure/hash-large-layer.ts"), `${gigabytes}000`]);
      const { peakBytes } = JSON.parse(measured.text) as { readonly peakBytes: number };
      report({ name: name(`memory over ${gigabytes} GB`), value: peakBytes / 1e6, unit: "MB", atMost: 150 });
    }
  } finally {
    alone.close();
    two.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
