import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareMachine } from "../../../src/sandbox/sandbox-machine.ts";
import { prepareSandboxDirectory, sandboxDirectory } from "../../../src/sandbox/sandbox-directory.ts";
import { Supervisor } from "../../../src/sandbox/supervisor.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { plannedSandbox } from "../../fakes/sandbox.ts";
import { annotatedDeployment, sandboxWorkspace } from "../../fakes/sandbox-workspace.ts";

const COORDINATOR = annotatedDeployment("coordinator", "policy of the coordinator", "coordinator");
const WEB = annotatedDeployment("web", "policy of web");

/** The code with which `up` ends before anything is started. */
async function codeOfUp(workspace: string, ...words: readonly string[]): Promise<string> {
  const paths = [join(workspace, "resources")];
  return await codeOfAsync(
    async () => await callCommand(["sandbox", "up", "--workspace-dir", workspace, ...words, ...paths], recordIo()),
  );
}

describe("contrast sandbox up", () => {
  test.each([
    ["the YAML has no policies", annotatedDeployment("web", ""), "sandbox/no-policies"],
    ["there is no Coordinator", WEB, "sandbox/no-coordinator"],
    ["a policy is damaged", WEB.replace(/policy: \S+/, "policy: '*'"), "generate/policy-annotation-invalid"],
    ["the YAML cannot be read", "a: [", "kubernetes/no-targets"],
    ["the YAML of a workload cannot be read", `${WEB}a: [ # contrast-cc`, "kubernetes/yaml-syntax"],
  ])("refuses when %s", async (_, yaml, code) => {
    const workspace = sandboxWorkspace(yaml);
    expect(await codeOfUp(workspace)).toBe(code);
    expect(readdirSync(workspace).toSorted()).toEqual(["manifest.json", "resources"]);
  });

  test.each(["", "-1", "65536", "http", "1313 "])("refuses %j as port", async (port) => {
    const workspace = sandboxWorkspace(COORDINATOR + WEB);
    expect(await codeOfUp(workspace, "--user-api-port", port)).toBe("terminal/invalid-argument");
  });

  test("refuses a manifest of hardware that cannot be simulated", async () => {
    const workspace = sandboxWorkspace(COORDINATOR + WEB, "{}");
    expect(await codeOfUp(workspace)).toBe("sandbox/platform-unknown");
  });

  test("keeps the machine of another platform", async () => {
    const workspace = sandboxWorkspace(COORDINATOR + WEB);
    const directory = sandboxDirectory(join(workspace, "contrast-sandbox"));
    await prepareSandboxDirectory(directory);
    await prepareMachine(directory, { platform: "tdx", launchDigest: undefined }, new Date());
    expect(await codeOfUp(workspace)).toBe("sandbox/machine-differs");
    expect(existsSync(join(directory.machine, "machine.json"))).toBe(true);
  });

  test("refuses a directory of somebody else, and one where a sandbox runs", async () => {
    const workspace = sandboxWorkspace(COORDINATOR + WEB);
    expect(await codeOfUp(workspace, "--directory", join(workspace, "resources"))).toBe("sandbox/directory-foreign");
    const { directory, options } = await plannedSandbox();
    const supervisor = await Supervisor.start(options);
    const record = await Bun.file(directory.record).text();
    expect(await codeOfUp(workspace, "--directory", directory.path)).toBe("sandbox/already-running");
    expect(await Bun.file(directory.record).text()).toBe(record);
    await supervisor.stop();
  });
});

describe("contrast sandbox down", () => {
  const down = async (path: string, ...words: readonly string[]): Promise<readonly string[]> => {
    const io = recordIo();
    await callCommand(["sandbox", "down", "--directory", path, ...words], io);
    return io.printed;
  };

  test("stops a sandbox, says when there was none, and removes the directory when asked to", async () => {
    const { directory, options } = await plannedSandbox();
    const supervisor = await Supervisor.start(options);
    expect((await down(directory.path))[0]).toBe("✔️ The sandbox is stopped");
    await supervisor.stopped;
    expect((await down(directory.path))[0]).toBe("✔️ The sandbox was not running");
    writeFileSync(join(directory.path, "mine"), "");
    expect(await codeOfAsync(() => down(directory.path, "--delete"))).toBe("sandbox/directory-foreign");
    await Bun.file(join(directory.path, "mine")).delete();
    expect((await down(directory.path, "--delete")).at(-1)).toStartWith("✔️ Deleted ");
    expect(existsSync(directory.path)).toBe(false);
    expect(await codeOfAsync(() => down(directory.path))).toBe("sandbox/not-found");
  });
});

describe("contrast sandbox run", () => {
  test("names what is missing", async () => {
    const { directory } = await plannedSandbox();
    const run = async (...words: readonly string[]): Promise<string> =>
      await codeOfAsync(
        async () => await callCommand(["sandbox", "run", "--directory", directory.path, ...words], recordIo()),
      );
    expect(await run("web", "--", "true")).toBe("sandbox/no-certificate");
    expect(await run("nobody", "--", "true")).toBe("sandbox/workload-unknown");
    expect(await run("web")).toBe("terminal/argument-count");
  });
});
