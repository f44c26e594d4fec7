import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { renderNotices } from "./notices.ts";
import { renderVersionDetails, versionDetails } from "../../src/commands/version-details.ts";

/**
 * Flags of every release build; the reasons are in CONTRIBUTING.md. The two `autoload` flags and the strict one are a
 * security matter: without them the finished program runs code that lies in the directory it is started in.
 */
export const RELEASE_FLAGS = [
  "--compile",
  "--format=esm",
  "--bytecode",
  "--minify",
  "--keep-names",
  "--sourcemap",
  "--splitting",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "--compile-exec-argv=--disallow-code-generation-from-strings=strict",
  '--define=process.env.NODE_ENV="production"',
] as const;

/** Modules that run as threads of their own (`src/lib/start-worker.ts`). */
const WORKER_ENTRIES = ["src/oci/verity/chunk-worker.ts"] as const;

/** One compilation. */
export interface Compilation {
  /** Relative to `root`, so that no path of the building machine gets into the output. */
  readonly entry: string;
  /** Further modules that must exist as files of their own, named like the entry. */
  readonly workers?: readonly string[];
  readonly root: string;
  /** Its base name becomes part of the bytes. */
  readonly outfile: string;
  readonly flags: readonly string[];
}

/**
 * Compiles one program with the running Bun. The result replaces `outfile` in one step; maps that Bun writes beside
 * it are removed, because the binary holds them already.
 */
export async function compileBinary({ entry, workers = [], root, outfile, flags }: Compilation): Promise<void> {
  const target = resolve(outfile);
  const temporary = join(dirname(target), `.build-${process.pid}-${basename(target)}`);
  await mkdir(temporary, { recursive: true });
  try {
    const output = join(temporary, basename(target));
    const build = Bun.spawn([process.execPath, "build", ...flags, entry, ...workers, `--outfile=${output}`], {
      cwd: root,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [status, stdout, stderr] = await Promise.all([
      build.exited,
      new Response(build.stdout).text(),
      new Response(build.stderr).text(),
    ]);
    const [name] = (await readdir(temporary)).filter(
      (file) => file.startsWith(basename(target)) && !file.endsWith(".map"),
    );
    if (status !== 0 || name === undefined) {
      throw new Error(`Cannot compile ${entry}: exit status ${status}\n${stdout}${stderr}`);
    }
    await rename(join(temporary, name), target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The compilation of the product itself. */
export async function productCompilation(root: string, outfile: string): Promise<Compilation> {
  const manifest = (await Bun.file(join(root, "package.json")).json()) as { readonly version: string };
  // A release job may name its commit; nothing is asked of git, so that equal sources give equal bytes everywhere.
  const commit = process.env["CONTRAST_COMMIT"] ?? "";
  const defines = [
    `--define=CONTRAST_VERSION=${JSON.stringify(`v${manifest.version}`)}`,
    `--define=CONTRAST_COMMIT=${JSON.stringify(commit)}`,
    `--define=CONTRAST_VERSION_DETAILS=${JSON.stringify(renderVersionDetails(versionDetails()))}`,
    `--define=CONTRAST_NOTICES=${JSON.stringify(await renderNotices(root))}`,
  ];
  return { entry: "src/main.ts", workers: WORKER_ENTRIES, root, outfile, flags: [...RELEASE_FLAGS, ...defines] };
}
