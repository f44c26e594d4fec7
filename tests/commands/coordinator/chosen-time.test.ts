import { describe, expect, test } from "bun:test";
import { attestedDeployment } from "../../fakes/attested-deployment.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { deploymentIo, useCoordinators } from "../../fakes/running-coordinator.ts";

const coordinatorOf = useCoordinators();

describe("warnOfChosenTime()", () => {
  test.each([
    ["set", ["resources"]],
    ["verify", []],
    ["recover", []],
    ["manifest observe", []],
  ] as const)("is loud in %s, which talks to a live Coordinator, and silent without --at", async (command, inputs) => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    const at = new Date(deployment.now().getTime() - 3_600_000).toISOString();
    const place =
      command === "manifest observe"
        ? ["--manifest", deployment.path("manifest.json")]
        : ["--workspace-dir", deployment.directory];
    const warnings = async (more: readonly string[]): Promise<readonly string[]> => {
      const io = deploymentIo(deployment);
      const files = inputs.map((name) => deployment.path(name));
      const words = [...command.split(" "), "-c", server.address, ...place, ...deployment.trustFlags, ...more];
      // How the command itself goes does not matter.
      await codeOfAsync(() => callCommand([...words, ...files], io));
      return io.told.filter((line) => line.startsWith("WARNING: --at judges this live Coordinator as of "));
    };
    const [warning = "", ...others] = await warnings(["--at", at]);
    expect(others).toEqual([]);
    expect(warning).toContain(at);
    expect(await warnings([])).toEqual([]);
  });
});
