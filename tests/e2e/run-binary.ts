import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contrastBinary } from "./binary.ts";

/** How one call of the binary went. */
export interface Outcome {
  readonly status: number | null;
  /** Name of the signal that ended it. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run is made. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to an environment that holds only PATH and an empty HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | string;
  /** Another binary than the one in `dist/`. */
  readonly binary?: string;
}

/** Waits for the end of a program and everything that it writes. */
export async function outcomeOf(child: Bun.Subprocess<"ignore" | Blob, "pipe", "pipe">): Promise<Outcome> {
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  return {
    status: child.exitCode,
    signal: child.signalCode === null ? null : String(child.signalCode),
    stdout,
    stderr,
  };
}

/** Runs the compiled binary with a clean environment in an empty working directory. */
export async function runBinary(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const binary = options.binary ?? (await contrastBinary());
  return await withHome(async (home) => {
    const child = Bun.spawn([binary, ...args], {
      cwd: options.cwd ?? home,
      env: { PATH: "/usr/bin:/bin", HOME: home, ...options.env },
      stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
      stdout: "pipe",
      stderr: "pipe",
    });
    return await outcomeOf(child);
  });
}

/** Runs a bash script in which `$PROGRAM` is the compiled binary, in an empty working directory. */
export async function runBash(script: string, options: RunOptions = {}): Promise<Outcome> {
  const binary = options.binary ?? (await contrastBinary());
  return await withHome(async (home) => {
    const child = Bun.spawn(["bash", "--norc", "-c", script], {
      cwd: options.cwd ?? home,
      env: { PATH: "/usr/bin:/bin", HOME: home, PROGRAM: binary, ...options.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return await outcomeOf(child);
  });
}

/** Lends an empty directory to one call. */
async function withHome(call: (home: string) => Promise<Outcome>): Promise<Outcome> {
  const home = mkdtempSync(join(tmpdir(), "contrast-e2e-"));
  try {
    return await call(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
