import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { policyHash } from "../../../src/manifest/policies.ts";
import type { SandboxDirectory } from "../../../src/sandbox/sandbox-directory.ts";
import { Supervisor } from "../../../src/sandbox/supervisor.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { TDX_DEFAULTS } from "../../fakes/manifests.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { plannedSandbox, plannedWorkload } from "../../fakes/sandbox.ts";
import { annotatedDeployment, sandboxWorkspace } from "../../fakes/sandbox-workspace.ts";

const COORDINATOR = annotatedDeployment("coordinator", "policy of the coordinator", "coordinator");
const WEB = annotatedDeployment("web", "policy of web");
const MANIFEST = JSON.stringify({ Policies: {}, ReferenceValues: { tdx: [TDX_DEFAULTS] } });

/** Runs work with a sandbox of the Coordinator and of web. */
async function withSandbox(
  work: (directory: SandboxDirectory, apply: (yaml: string) => Promise<readonly string[]>) => Promise<void>,
): Promise<void> {
  const { directory, options } = await plannedSandbox({
    platform: "tdx",
    coordinator: { policyHash: policyHash("policy of the coordinator") },
    workloads: [{ ...plannedWorkload("web", "00"), policyHash: policyHash("policy of web") }],
  });
  const workspace = sandboxWorkspace("", MANIFEST);
  const supervisor = await Supervisor.start(options);
  try {
    await work(directory, async (yaml) => {
      writeFileSync(join(workspace, "resources", "all.yaml"), yaml);
      const io = recordIo();
      const place = ["--workspace-dir", workspace, "--directory", directory.path];
      await callCommand(["sandbox", "apply", ...place, join(workspace, "resources")], io);
      return io.printed;
    });
  } finally {
    await supervisor.stop();
  }
}

describe("contrast sandbox apply", () => {
  test("starts what is new or changed, and removes what is gone", async () => {
    await withSandbox(async (_, apply) => {
      expect(await apply(COORDINATOR + WEB)).toEqual(["✔️ Nothing has changed"]);
      const next = '  It gets a certificate after "contrast set" with the same paths';
      expect(await apply(COORDINATOR + annotatedDeployment("web", "another policy"))).toEqual([
        "✔️ Started deployment-web under its new policy",
        next,
      ]);
      expect(await apply(COORDINATOR + annotatedDeployment("api", "policy of api"))).toEqual([
        "✔️ Started deployment-api under its new policy",
        "✔️ Removed deployment-web",
        next,
      ]);
    });
  });

  test("refuses another Coordinator, and changes nothing", async () => {
    await withSandbox(async (directory, apply) => {
      const record = await Bun.file(directory.record).text();
      const other = annotatedDeployment("coordinator", "another policy", "coordinator");
      expect(await codeOfAsync(() => apply(other + WEB))).toBe("sandbox/coordinator-changed");
      expect(await Bun.file(directory.record).text()).toBe(record);
    });
  });

  test("needs a sandbox that runs", async () => {
    const { directory } = await plannedSandbox();
    const words = ["sandbox", "apply", "--directory", directory.path, "resources"];
    expect(await codeOfAsync(() => callCommand(words, recordIo()))).toBe("sandbox/not-running");
  });
});
