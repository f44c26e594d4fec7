import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { readLockfile } from "./lockfile.ts";

/** A system that the product is built for. */
export interface Target {
  /** Name of the folder under `dist/`. */
  readonly name: string;
  /** Package of the npm registry that holds Bun for this system. */
  readonly runtime: string;
  readonly outfile: string;
}

/** The six targets; `bun-<name>` is what Bun calls them. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", runtime: "@oven/bun-linux-x64", outfile: "contrast" },
  { name: "linux-arm64", runtime: "@oven/bun-linux-aarch64", outfile: "contrast" },
  { name: "darwin-x64", runtime: "@oven/bun-darwin-x64", outfile: "contrast" },
  { name: "darwin-arm64", runtime: "@oven/bun-darwin-aarch64", outfile: "contrast" },
  { name: "windows-x64", runtime: "@oven/bun-windows-x64", outfile: "contrast.exe" },
  { name: "windows-arm64", runtime: "@oven/bun-windows-aarch64", outfile: "contrast.exe" },
];

/**
 * Fetches the Bun that a target is built on, with npm, in the version and with the digest of package-lock.json.
 *
 * @returns path of the executable; kept under node_modules, so that the next build works offline
 */
export async function baseRuntime(root: string, { runtime }: Target): Promise<string> {
  const lockfile = await readLockfile(root);
  const { version, integrity } = lockfile.packages[`node_modules/${runtime}`] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`Cannot find ${runtime} in package-lock.json`);
  const folder = join(
    root,
    "node_modules",
    ".cache",
    "contrast-runtimes",
    `${runtime.replace("@oven/", "")}-${version}`,
  );
  const executable = join(folder, "package", "bin", runtime.includes("windows") ? "bun.exe" : "bun");
  if (existsSync(executable)) return executable;

  const unpacked = `${folder}.${process.pid}`;
  await mkdir(unpacked, { recursive: true });
  try {
    const packed = await run(["npm", "pack", "--silent", `${runtime}@${version}`], unpacked);
    const archive = join(unpacked, packed.trim().split("\n").at(-1) ?? "");
    const digest = `sha512-${createHash("sha512")
      .update(await readFile(archive))
      .digest("base64")}`;
    if (digest !== integrity) throw new Error(`Cannot use ${runtime}@${version}: got ${digest}, want ${integrity}`);
    await run(["tar", "-xzf", archive], unpacked);
    await rm(archive);
    await rename(unpacked, folder);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  await chmod(executable, 0o755);
  return executable;
}

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdout: "pipe", stderr: "pipe" });
  const [status, stdout, stderr] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (status !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit status ${status}\n${stderr}`);
  return stdout;
}
