import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectLicences } from "./collect-licences.ts";

const TARGET = "wasm32-unknown-unknown";

/** How cargo names its own registry in lockfiles; where crates are fetched from is the business of cargo's settings. */
const REGISTRY = 'source = "registry+https://github.com/rust-lang/crates.io-index"';

/** Memory and stack of the module; `src/rego/regorus/regorus-instance.ts` says what ends at them. */
const LINK = ["-C", "link-arg=--max-memory=1073741824", "-C", "link-arg=-zstack-size=4194304"];

/** What was built. */
export interface CompiledCrate {
  readonly module: Uint8Array;
  /** Licences of everything that is linked into the module. */
  readonly licences: string;
}

/** Version of the compiler that is at hand and can build the module, such as `1.95.0`. */
export function rustVersion(): string | undefined {
  try {
    const [version, sysroot] = [["--version"], ["--print", "target-libdir", "--target", TARGET]].map((words) =>
      Bun.spawnSync(["rustc", ...words], { stdio: ["ignore", "pipe", "ignore"] })
        .stdout.toString()
        .trim(),
    );
    if (sysroot === undefined || !(Bun.spawnSync(["test", "-d", sysroot]).exitCode === 0)) return undefined;
    return /^rustc (\S+)/.exec(version ?? "")?.[1];
  } catch {
    return undefined; // no such program
  }
}

/**
 * Compiles the crate. Sources lie under names that do not depend on the computer, so the module does not either.
 *
 * @param folder of the crate, with `crates.lock`: a lockfile without the addresses
 */
export async function compileCrate(folder: string): Promise<CompiledCrate> {
  const work = await mkdtemp(join(tmpdir(), "contrast-regorus-"));
  try {
    const crate = join(work, "crate");
    await cp(join(folder, "src"), join(crate, "src"), { recursive: true });
    await cp(join(folder, "Cargo.toml"), join(crate, "Cargo.toml"));
    const lock = await readFile(join(folder, "crates.lock"), "utf8");
    await writeFile(join(crate, "Cargo.lock"), lock.replaceAll(/^checksum = /gm, `${REGISTRY}\nchecksum = `));
    const vendored = run(["cargo", "vendor", "--locked", join(work, "vendor")], crate, {});
    if (!vendored.includes("[source.vendored-sources]")) throw new Error("Cannot read what cargo vendor says");
    await mkdir(join(crate, ".cargo"));
    await writeFile(join(crate, ".cargo/config.toml"), vendored);
    const flags = [...LINK, `--remap-path-prefix=${work}=regorus`];
    const target = join(work, "target");
    const words = [
      "build",
      "--release",
      "--locked",
      "--offline",
      "--quiet",
      "--target",
      TARGET,
      "--target-dir",
      target,
    ];
    run(["cargo", ...words], crate, { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"), CARGO_INCREMENTAL: "0" });
    const module = await readFile(join(target, TARGET, "release/regorus_module.wasm"));
    const tree = ["tree", "--locked", "--offline", "--target", TARGET, "--edges", "normal,no-proc-macro"];
    const crates = run(["cargo", ...tree, "--no-dedupe", "--prefix", "none", "--format", "{p}|{l}"], crate, {});
    return { module, licences: await collectLicences(crates, join(work, "vendor")) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function run(command: readonly string[], cwd: string, env: Readonly<Record<string, string>>): string {
  const child = Bun.spawnSync([...command], {
    cwd,
    env: { ...process.env, RUSTFLAGS: undefined, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.exitCode === 0) return child.stdout.toString();
  throw new Error(`Cannot build the policy engine: ${command.slice(0, 2).join(" ")}: ${child.stderr.toString()}`);
}
