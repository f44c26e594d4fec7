import { describe, expect, test } from "bun:test";
import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { statusCommand } from "../../../src/commands/sandbox/status.ts";
import { askSupervisor } from "../../../src/sandbox/control-client.ts";
import type { SandboxDirectory } from "../../../src/sandbox/sandbox-directory.ts";
import type { SandboxRecord } from "../../../src/sandbox/sandbox-record.ts";
import { Supervisor } from "../../../src/sandbox/supervisor.ts";
import { PROGRAM } from "../../../src/cli/root-definition.ts";
import { findCommand, flagsOf } from "../../../src/terminal/find-command.ts";
import { parseFlags } from "../../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { plannedSandbox, plannedWorkload, setManifestOfStandIn } from "../../fakes/sandbox.ts";
import { testMachine } from "../../fakes/simulated-machines.ts";
import { until } from "../../fakes/until.ts";

interface Answer {
  readonly status: number;
  readonly lines: readonly string[];
  readonly told: readonly string[];
}

async function statusOf(directory: SandboxDirectory, ...words: readonly string[]): Promise<Answer> {
  const io = recordIo({ format: words.includes("json") ? "json" : "text" });
  const all = ["sandbox", "status", "--directory", directory.path, ...words];
  const { command, args } = await findCommand(PROGRAM, all);
  const flags = createParsedFlags(flagsOf(PROGRAM, command), parseFlags(flagsOf(PROGRAM, command), args).values, "");
  const status = await statusCommand.run({ flags, positionals: [], program: PROGRAM }, io);
  return { status: status ?? 0, lines: io.printed, told: io.told };
}

async function withSandbox(
  work: (directory: SandboxDirectory) => Promise<void>,
  change: Partial<SandboxRecord> = {},
): Promise<void> {
  const { directory, options } = await plannedSandbox(change);
  const supervisor = await Supervisor.start(options);
  try {
    await work(directory);
  } finally {
    await supervisor.stop();
  }
}

describe("contrast sandbox status", () => {
  test("shows who waits while there is no manifest", async () => {
    await withSandbox(async (directory) => {
      const { status, lines } = await statusOf(directory);
      expect(status).toBe(0);
      expect(lines).toContain("Coordinator: has no manifest yet: contrast set");
      expect(lines).toContain("  deployment-web: waits for a certificate");
      const json = JSON.parse((await statusOf(directory, "--format", "json")).lines[0] ?? "");
      expect(json).toMatchObject({
        schema: "contrast/sandbox-status/v1",
        ok: true,
        supervisor: { state: "running", pid: process.pid },
        coordinator: "empty",
        processes: [{ name: "coordinator", state: "running", port: json.ports.userApi }, {}, {}],
        workloads: [{ id: "deployment-web", state: "waiting", expiresAt: null, sans: [] }, {}],
      });
    });
  });

  test("waits for the workloads, and shows the last words of one that crashed", async () => {
    const workloads = [plannedWorkload("web", "01"), plannedWorkload("bad", "ff")];
    await withSandbox(
      async (directory) => {
        setManifestOfStandIn(directory);
        const { status, lines } = await statusOf(directory, "--wait");
        expect(status).toBe(1);
        expect(lines).toContain("    Initializer finished");
        expect(lines).toContain("    Initializer crashed (exit status 1)");
        expect(lines.some((line) => line.includes("the stand-in has no policy"))).toBe(true);
      },
      { workloads },
    );
  });

  test("says what is waited for, and that it was in vain", async () => {
    await withSandbox(async (directory) => {
      const { status, told, lines } = await statusOf(directory, "--wait", "--timeout=1", "--format", "json");
      expect(status).toBe(1);
      expect(told).toEqual([
        "Waiting for certificates. The Coordinator has no manifest yet: contrast set",
        "Waited for 1 s, and a workload still has no certificate",
      ]);
      expect(JSON.parse(lines[0] ?? "")).toMatchObject({ ok: false, timedOut: true });
    });
  });

  test.each(["0", "3601", "x", ""])("refuses %j as time to wait", async (timeout) => {
    const { directory } = await plannedSandbox();
    const wrong = async (): Promise<unknown> => await statusOf(directory, "--wait", `--timeout=${timeout}`);
    expect(await codeOfAsync(wrong)).toBe("terminal/invalid-argument");
  });

  test("tells certificates of the mesh CA from those of an earlier one", async () => {
    await withSandbox(async (directory) => {
      setManifestOfStandIn(directory, (await testMachine("tdx")).rootsPem);
      expect((await statusOf(directory, "--wait")).lines.join("\n")).not.toContain("earlier mesh CA");
      const later = new Date(Date.now() + 1000);
      utimesSync(join(directory.state, "transitions", "latest"), later, later);
      const { status, lines } = await statusOf(directory);
      expect(status).toBe(0);
      expect(lines).toContain("    of an earlier mesh CA: contrast sandbox restart deployment-web");
      const { workloads } = JSON.parse((await statusOf(directory, "--format", "json")).lines[0] ?? "");
      expect(workloads[0]).toMatchObject({ state: "certified", current: false });
    });
  });

  test("shows a Coordinator that needs its seed, and how often it was restarted", async () => {
    await withSandbox(async (directory) => {
      setManifestOfStandIn(directory);
      await askSupervisor(directory, { action: "restart", names: ["coordinator"] });
      const { status, lines } = await statusOf(directory);
      expect(status).toBe(0);
      expect(lines).toContain("Coordinator: needs its seed: contrast recover");
      expect(lines.some((line) => line.endsWith(", restarted once"))).toBe(true);
      const [coordinator] = await askSupervisor(directory, { action: "status" });
      process.kill(coordinator?.pid ?? 0, "SIGKILL");
      await until(async () => (await statusOf(directory)).status === 1);
      expect((await statusOf(directory)).lines).toContain("Coordinator: does not answer");
    });
  });

  test("tells a sandbox that was stopped from one whose supervisor is gone", async () => {
    const { directory, options } = await plannedSandbox();
    const supervisor = await Supervisor.start(options);
    const access = await Bun.file(directory.control).text();
    await supervisor.stop();
    const stopped = await statusOf(directory);
    expect([stopped.status, stopped.lines[0]]).toEqual([1, expect.stringContaining(": stopped;")]);
    await Bun.write(directory.control, access);
    const gone = await statusOf(directory);
    expect([gone.status, gone.lines[0]]).toEqual([1, expect.stringContaining(": gone: it was killed or crashed")]);
    rmSync(directory.control);
    expect(await codeOfAsync(() => statusOf(directory, "--wait"))).toBe("sandbox/not-running");
  });
});

describe("contrast sandbox restart", () => {
  const restart = async (directory: SandboxDirectory, ...words: readonly string[]): Promise<readonly string[]> => {
    const io = recordIo();
    await callCommand(["sandbox", "restart", "--directory", directory.path, ...words], io);
    return io.printed;
  };

  test("restarts what is named, all workloads, or everything", async () => {
    await withSandbox(async (directory) => {
      expect(await restart(directory, "deployment/web")).toEqual(["✔️ Restarted deployment-web"]);
      expect(await restart(directory, "--workloads")).toEqual([
        "✔️ Restarted deployment-web",
        "✔️ Restarted deployment-db",
      ]);
      expect((await restart(directory, "--all"))[0]).toBe("✔️ Restarted the Coordinator");
      setManifestOfStandIn(directory);
      expect((await restart(directory, "coordinator"))[1]).toBe('  It needs its seed: run "contrast recover"');
      const processes = await askSupervisor(directory, { action: "status" });
      expect(processes.map(({ restarts }) => restarts)).toEqual([2, 3, 2]);
      expect(await codeOfAsync(() => restart(directory, "nothing"))).toBe("sandbox/workload-unknown");
      expect(await codeOfAsync(() => restart(directory))).toBe("terminal/argument-count");
      expect(await codeOfAsync(() => restart(directory, "--all", "web"))).toBe("terminal/argument-count");
    });
  });
});
