import { describe, expect, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openInput } from "../../src/lib/open-input.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

/** So long that only a test that hangs would see its end. */
const LONG_MS = 60_000;

function pipe(): string {
  const path = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

async function readAll(path: string, writerTimeoutMs: number): Promise<string> {
  const input = await openInput(path, "note", writerTimeoutMs);
  let text = "";
  try {
    const buffer = new Uint8Array(16);
    for (let count = await input.read(buffer); count > 0; count = await input.read(buffer)) {
      text += Buffer.from(buffer.subarray(0, count)).toString();
    }
  } finally {
    await input.close();
  }
  return text;
}

describe("openInput()", () => {
  test("reads a file to its end", async () => {
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "a text of more than one piece");
    expect(await readAll(path, 0)).toBe("a text of more than one piece");
  });

  test("gives a named pipe up that nobody writes to", async () => {
    expect(await codeOfAsync(() => readAll(pipe(), 30))).toBe("lib/file-unreadable");
  });

  test("takes what a late writer says, with its pauses", async () => {
    const path = pipe();
    const text = readAll(path, LONG_MS);
    const script = 'exec > "$1"; printf "first, "; printf "then"; read -r _; printf ", at last"';
    const writer = spawn("sh", ["-c", script, "sh", path], { stdio: ["pipe", "ignore", "inherit"] });
    writer.stdin.end("go on\n");
    expect(await text).toBe("first, then, at last");
  });

  test("waits longer for what a writer says than for the writer", async () => {
    const path = pipe();
    const writer = spawn("sh", ["-c", 'exec > "$1"; echo open >&2; read -r _; echo text', "sh", path], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    const input = await openInput(path, "note", LONG_MS);
    await new Promise((resolve) => writer.stderr.once("data", resolve));
    const rest = await openInput(path, "note", 0);
    const read = rest.read(new Uint8Array(16));
    await new Promise((resolve) => setImmediate(resolve));
    writer.stdin.end("go on\n");
    expect(await read).toBe("text\n".length);
    await Promise.all([input.close(), rest.close()]);
  });

  test.skipIf(process.platform !== "linux")("does not wait for the writer of a shell's process substitution", () => {
    const script = `import { openInput } from "${import.meta.dir}/../../src/lib/open-input.ts";
      console.log(await (await openInput("/dev/stdin", "note", 0)).read(new Uint8Array(16)));`;
    expect(execFileSync(process.execPath, ["-e", script], { input: "text", encoding: "utf8" }).trim()).toBe("4");
    expect(execFileSync(process.execPath, ["-e", script], { input: "", encoding: "utf8" }).trim()).toBe("0");
  });
});
