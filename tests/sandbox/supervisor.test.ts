import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { askSupervisor, supervisorState } from "../../src/sandbox/control-client.ts";
import { coordinatorState } from "../../src/sandbox/coordinator-state.ts";
import { readSandboxRecord } from "../../src/sandbox/sandbox-record.ts";
import { writeGuests } from "../../src/sandbox/sandbox-machine.ts";
import { Supervisor, type SupervisorOptions } from "../../src/sandbox/supervisor.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { hashOf, plannedSandbox, plannedWorkload, setManifestOfStandIn, troubleStandIn } from "../fakes/sandbox.ts";
import { until } from "../fakes/until.ts";

const running: Supervisor[] = [];

async function started(options: SupervisorOptions): Promise<Supervisor> {
  const supervisor = await Supervisor.start(options);
  running.push(supervisor);
  return supervisor;
}

afterEach(async () => {
  for (const supervisor of running.splice(0)) await supervisor.stop();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("Supervisor", () => {
  test("ends when its directory is removed, and touches nothing of another sandbox in its place", async () => {
    const { directory, options } = await plannedSandbox();
    const supervisor = await started({ ...options, watchMs: 10 });
    const processes = await askSupervisor(directory, { action: "status" });
    const other = JSON.stringify({ ...JSON.parse(readFileSync(directory.control, "utf8")), token: "00".repeat(32) });
    rmSync(directory.path, { recursive: true, force: true });
    mkdirSync(directory.path);
    writeFileSync(directory.control, other);
    await supervisor.stopped;
    expect(processes.filter(({ pid }) => isAlive(pid ?? 0))).toEqual([]);
    expect(readFileSync(directory.control, "utf8")).toBe(other);
    expect(existsSync(directory.record)).toBe(false);
  });

  test("runs the Coordinator and an Initializer for each workload, and ends them all", async () => {
    const { directory, options } = await plannedSandbox();
    const supervisor = await started(options);
    const processes = await askSupervisor(directory, { action: "status" });
    expect(processes.map(({ name, role, state, restarts }) => [name, role, state, restarts])).toEqual([
      ["coordinator", "coordinator", "running", 0],
      ["deployment-web", "initializer", "running", 0],
      ["deployment-db", "initializer", "running", 0],
    ]);
    const record = await readSandboxRecord(directory);
    expect(record.supervisorPid).toBe(process.pid);
    expect(record.processes.map(({ pid }) => pid)).toEqual(processes.map(({ pid }) => pid ?? 0));
    expect(new Set(Object.values(record.ports)).size).toBe(4);
    expect(statSync(directory.control).mode & 0o777).toBe(0o600);
    expect(await supervisorState(directory)).toBe("running");

    const stopped = await askSupervisor(directory, { action: "stop" });
    expect(stopped.map(({ state }) => state)).toEqual(["stopped", "stopped", "stopped"]);
    expect(existsSync(directory.control)).toBe(false);
    await supervisor.stopped;
    expect(processes.filter(({ pid }) => isAlive(pid ?? 0))).toEqual([]);
    expect((await readSandboxRecord(directory)).processes).toEqual([]);
    expect(await codeOfAsync(() => askSupervisor(directory, { action: "status" }))).toBe("sandbox/not-running");
  });

  test("tells finished Initializers from crashed ones, and restarts none by itself", async () => {
    const workloads = [plannedWorkload("web", "01"), plannedWorkload("bad", "ff")];
    const { directory, options } = await plannedSandbox({ workloads });
    const log = recordLog();
    await started({ ...options, log });
    setManifestOfStandIn(directory);
    const states = async (): Promise<readonly unknown[]> =>
      (await askSupervisor(directory, { action: "status" })).map(({ state, outcome }) => [state, outcome]);
    const expected = [
      ["running", ""],
      ["finished", "exit status 0"],
      ["crashed", "exit status 1"],
    ];
    await until(async () => Bun.deepEquals(await states(), expected));
    expect(await states()).toEqual(expected);
    expect(log.lines.filter((line) => line.startsWith("warn"))).toEqual([
      'warn a process crashed {"name":"deployment-bad","outcome":"exit status 1"}',
    ]);
  });

  test("shows a Coordinator that was killed as crashed", async () => {
    const { directory, options } = await plannedSandbox();
    await started(options);
    const [coordinator] = await askSupervisor(directory, { action: "status" });
    process.kill(coordinator?.pid ?? 0, "SIGKILL");
    const first = async (): Promise<unknown> => {
      const [now] = await askSupervisor(directory, { action: "status" });
      return [now?.state, now?.outcome, now?.pid, now?.restarts];
    };
    await until(async () => Bun.deepEquals(await first(), ["crashed", "ended by SIGKILL", null, 0]));
    const [again] = await askSupervisor(directory, { action: "restart", names: ["coordinator"] });
    expect([again?.state, again?.restarts]).toEqual(["running", 1]);
  });

  test("restarts the Coordinator on its ports, and a workload without its certificates", async () => {
    const { directory, options } = await plannedSandbox();
    await started(options);
    const { ports } = await readSandboxRecord(directory);
    expect(await coordinatorState(directory, ports)).toBe("empty");
    setManifestOfStandIn(directory, "first");
    expect(await coordinatorState(directory, ports)).toBe("active");
    const chain = join(directory.workloads, "deployment-web", "tls-config", "certChain.pem");
    await until(async () => existsSync(chain));
    const before = (await askSupervisor(directory, { action: "status" })).map(({ pid }) => pid);
    const after = await askSupervisor(directory, { action: "restart", names: ["coordinator"] });
    expect(after[0]?.pid).not.toBe(before[0] ?? null);
    expect(await coordinatorState(directory, ports)).toBe("recovery");
    expect(readFileSync(chain, "utf8")).toBe("first");

    setManifestOfStandIn(directory, "second");
    const [, web, db] = await askSupervisor(directory, { action: "restart", names: ["deployment-web"] });
    expect([web?.restarts, db?.restarts]).toEqual([1, 0]);
    await until(async () => existsSync(chain) && readFileSync(chain, "utf8") === "second");

    // So does everybody when the sandbox is started anew.
    await askSupervisor(directory, { action: "stop" });
    rmSync(join(directory.state, "transitions"), { recursive: true });
    await until(async () => !existsSync(directory.control));
    await started(options);
    expect(existsSync(chain)).toBe(false);
  });

  test("takes over changed workloads, and leaves the others alone", async () => {
    const { directory, options } = await plannedSandbox();
    await started(options);
    const [coordinator, web, db] = await askSupervisor(directory, { action: "status" });
    const api = plannedWorkload("api", "03");
    const workloads = [{ ...plannedWorkload("web", "01"), policyHash: hashOf("0f") }, api];
    await writeGuests(directory, { ...options.record, workloads }, { launchDigest: undefined });
    const after = await askSupervisor(directory, { action: "apply", workloads });
    expect(after.map(({ name, state, restarts }) => [name, state, restarts])).toEqual([
      ["coordinator", "running", 0],
      ["deployment-web", "running", 1],
      ["deployment-api", "running", 0],
    ]);
    expect(after[0]?.pid).toBe(coordinator?.pid ?? null);
    await until(async () => !isAlive(web?.pid ?? 0) && !isAlive(db?.pid ?? 0));
    const record = await readSandboxRecord(directory);
    expect(record.workloads).toEqual(workloads);
    expect(record.processes.map(({ name }) => name)).toEqual(after.map(({ name }) => name));
    expect(existsSync(join(directory.workloads, "deployment-db"))).toBe(false);
  });

  test("leaves nothing running when the Coordinator does not start", async () => {
    const { directory, options } = await plannedSandbox();
    troubleStandIn(directory, "exit");
    const failure = await Supervisor.start(options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "sandbox/coordinator-failed" });
    expect(JSON.stringify(failure)).toContain("the stand-in was told to fail");
    expect(await supervisorState(directory)).toBe("stopped");

    troubleStandIn(directory, "deaf");
    expect(await codeOfAsync(() => Supervisor.start({ ...options, startTimeoutMs: 50 }))).toBe(
      "sandbox/coordinator-failed",
    );
    expect((await readSandboxRecord(directory)).processes).toEqual([]);
  });

  test("goes on after a restart that failed, and says why it failed", async () => {
    const { directory, options } = await plannedSandbox();
    await started(options);
    troubleStandIn(directory, "exit");
    const restart = async (): Promise<unknown> =>
      await askSupervisor(directory, { action: "restart", names: ["coordinator"] });
    const failure = await restart().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "sandbox/coordinator-failed" });
    expect(JSON.stringify(failure)).toContain("the stand-in was told to fail");
    troubleStandIn(directory, "");
    expect(await restart()).toMatchObject([{ state: "running", restarts: 2 }, {}, {}]);
  });

  test("refuses to run twice for one directory", async () => {
    const { options } = await plannedSandbox();
    await started(options);
    expect(await codeOfAsync(() => Supervisor.start(options))).toBe("sandbox/already-running");
  });

  test("refuses ports that another program has, and starts nothing", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const other = createServer().listen({ host: "127.0.0.1", port: 0 }, () => {
      resolve((other.address() as { port: number }).port);
    });
    const taken = await promise;
    for (const name of ["userApi", "meshApi", "vendor", "metrics"] as const) {
      const ports = { userApi: 0, meshApi: 0, vendor: 0, metrics: 0, [name]: taken };
      const { directory, options } = await plannedSandbox({ ports });
      expect(await codeOfAsync(() => Supervisor.start(options))).toBe("sandbox/port-in-use");
      expect(await supervisorState(directory)).toBe("stopped");
    }
    other.close();
  });
});
