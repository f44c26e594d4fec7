import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { replaceProgram } from "../../src/lib/replace-program.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

const MODULE = join(import.meta.dir, "../../src/lib/replace-program.ts");

/** What a program prints that replaces itself by a shell, which is given a script. */
function replacedBy(script: string, env: Record<string, string>) {
  const code = `
    process.stdout.write("before\\n");
    const { replaceProgram } = await import(${JSON.stringify(MODULE)});
    const env = { ...${JSON.stringify(env)}, UNSET: undefined, PID: String(process.pid) };
    await replaceProgram({ path: "/bin/sh", args: ["-c", ${JSON.stringify(script)}, "name", "ä b"], env });
    process.stdout.write("after\\n");
  `;
  const { exitCode, stdout } = Bun.spawnSync([process.execPath, "-e", code], { stderr: "inherit" });
  return { exitCode, lines: stdout.toString().trimEnd().split("\n") };
}

describe.skipIf(process.platform !== "linux")("replaceProgram()", () => {
  test("becomes the other program: same process, its words, its environment, its exit status", () => {
    const { exitCode, lines } = replacedBy('test $$ = $PID && echo "$1"; env | grep -c UNSET; echo "$X"; exit 7', {
      X: "a=b",
    });
    expect(lines).toEqual(["before", "ä b", "0", "a=b"]);
    expect(exitCode).toBe(7);
  });

  test("leaves neither ignored signals nor streams that do not wait", () => {
    const script = "grep SigIgn /proc/$$/status; grep flags /proc/$$/fdinfo/1";
    const { lines } = replacedBy(script, { PATH: process.env["PATH"] ?? "" });
    expect(lines[1]).toBe("SigIgn:\t0000000000000000");
    const flags = Number.parseInt(lines[2]?.split("\t")[1] ?? "", 8);
    expect(flags & 0o4000).toBe(0);
  });

  test.each(["/no/such/program", "/etc/passwd", "/"])("fails with %s and goes on", async (path) => {
    expect(await codeOfAsync(() => replaceProgram({ path, args: [], env: {} }))).toBe("lib/program-failed");
  });
});
