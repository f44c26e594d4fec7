import { describe, expect, test } from "bun:test";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSandboxRecord } from "../../src/sandbox/sandbox-record.ts";
import { startInBackground } from "../../src/sandbox/start-in-background.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { plannedSandbox } from "../fakes/sandbox.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { until } from "../fakes/until.ts";

const NEVER = new AbortController().signal;

/** Starts a shell script in place of the supervisor. */
async function startScript(script: string, signal = NEVER): Promise<unknown> {
  const { directory } = await plannedSandbox();
  const program = { executable: "/bin/sh", args: ["-c", script] };
  return await startInBackground(directory, process.env, signal, program).catch((error: unknown) => error);
}

describe("startInBackground()", () => {
  test("goes on when the supervisor says that everything runs", async () => {
    expect(await startScript(`echo '{"ok":true,"processes":[]}'; exec sleep 0.1`)).toBeUndefined();
  });

  test("passes on what the supervisor says went wrong", async () => {
    const answer = { ok: false, code: "sandbox/port-in-use", message: "Cannot listen", hint: null, lines: [] };
    expect(await startScript(`echo '${JSON.stringify(answer)}'`)).toMatchObject({ code: "sandbox/port-in-use" });
  });

  test.each(["echo last words >&2; exit 1", "echo last words >&2; echo nonsense", "echo last words >&2; kill -9 $$"])(
    "shows the end of the log of a supervisor that gives no answer: %s",
    async (script) => {
      const error = await startScript(script);
      expect(error).toMatchObject({ code: "sandbox/supervisor-failed", report: { lines: ["last words"] } });
    },
  );

  test("stops the supervisor when the user stops the command", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const ready = join(temporaryDirectory(), "ready");
    const started = startScript(`: >${ready}; exec sleep 20`, controller.signal);
    await until(async () => existsSync(ready));
    controller.abort(reason);
    expect(await started).toBe(reason);
  });

  test("starts nothing where the user has stopped the command before", async () => {
    const reason = new Error("interrupted");
    const ready = join(temporaryDirectory(), "ready");
    expect(await startScript(`: >${ready}`, AbortSignal.abort(reason))).toBe(reason);
    expect(existsSync(ready)).toBe(false);
  });

  test("says that a program is not there", async () => {
    const { directory } = await plannedSandbox();
    const program = { executable: "/nowhere/contrast", args: [] };
    expect(await codeOfAsync(() => startInBackground(directory, {}, NEVER, program))).toBe("sandbox/supervisor-failed");
  });
});

describe("readSandboxRecord()", () => {
  test.each(["", "{", "{}", '{"schema":"contrast/sandbox-record/v2"}'])("refuses %j", async (text) => {
    const { directory, record } = await plannedSandbox();
    expect(await readSandboxRecord(directory)).toEqual(record);
    writeFileSync(directory.record, text);
    expect(await codeOfAsync(() => readSandboxRecord(directory))).toBe("sandbox/record-invalid");
    rmSync(join(directory.path, "sandbox.json"));
    expect(await codeOfAsync(() => readSandboxRecord(directory))).toBe("sandbox/record-invalid");
  });

  test("refuses a workload whose name leads elsewhere", async () => {
    const { directory, record } = await plannedSandbox();
    const [first] = record.workloads;
    const workloads = [{ ...first, id: "../web" }];
    writeFileSync(directory.record, JSON.stringify({ ...record, workloads }));
    expect(await codeOfAsync(() => readSandboxRecord(directory))).toBe("sandbox/record-invalid");
  });
});
