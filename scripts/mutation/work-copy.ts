import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COPIED = ["src", "tests", "scripts", "policy", "wasm", "docs", "package.json", "tsconfig.json", "bunfig.toml"];

/** A copy of the project in which sources are changed and tests run; the checkout stays as it is. */
export class WorkCopy {
  readonly root: string;
  readonly #vectors: string;

  constructor(project: string) {
    this.root = mkdtempSync(join(tmpdir(), "contrast-mutation-"));
    for (const name of COPIED) cpSync(join(project, name), join(this.root, name), { recursive: true });
    symlinkSync(join(project, "node_modules"), join(this.root, "node_modules"));
    this.#vectors = process.env["CONTRAST_VECTORS"] ?? join(project, "..", "shared", "vectors");
  }

  /** Replaces one source file as long as the task runs. */
  async changed<T>(path: string, change: (source: string) => string, task: () => Promise<T>): Promise<T> {
    const file = join(this.root, path);
    const original = readFileSync(file, "utf8");
    const source = change(original);
    if (source === original) throw new Error(`The change of ${path} changes nothing`);
    writeFileSync(file, source);
    try {
      return await task();
    } finally {
      writeFileSync(file, original);
    }
  }

  /**
   * Runs tests.
   *
   * @param timeoutMs of the whole run
   * @returns the titles of the tests that failed, each with its file; a run that could not start or end is one failure
   */
  async failedTests(paths: readonly string[], timeoutMs = 120_000): Promise<readonly string[]> {
    const out = this.newDirectory("junit");
    const report = join(out, "junit.xml");
    const child = Bun.spawn(
      [process.execPath, "test", "--timeout", "20000", "--reporter=junit", `--reporter-outfile=${report}`, ...paths],
      {
        cwd: this.root,
        env: { ...process.env, CONTRAST_VECTORS: this.#vectors },
        stdio: ["ignore", "ignore", "ignore"],
        timeout: timeoutMs,
      },
    );
    const status = await child.exited;
    const failed = await failuresIn(report);
    rmSync(out, { recursive: true });
    if (failed.length > 0 || status === 0) return failed;
    return [`(the run ended with status ${status})`];
  }

  newDirectory(prefix: string): string {
    return mkdtempSync(join(this.root, `${prefix}-`));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Test cases with a failure, as `file: title`. */
async function failuresIn(report: string): Promise<readonly string[]> {
  const file = Bun.file(report);
  if (!(await file.exists())) return [];
  const failed: string[] = [];
  for (const [, attributes = "", body = ""] of (await file.text()).matchAll(
    /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    if (!/<(?:failure|error)\b/.test(body)) continue;
    const attribute = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
    failed.push(`${attribute("file")}: ${attribute("classname")} ${attribute("name")}`);
  }
  return failed;
}
