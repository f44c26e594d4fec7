import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Code, ConnectError } from "@connectrpc/connect";
import { attestedDeployment, type AttestedDeployment } from "../../fakes/attested-deployment.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { CoordinatorState } from "../../fakes/coordinator-state.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { deploymentIo, useCoordinators } from "../../fakes/running-coordinator.ts";
import { useServedCoordinators } from "../../fakes/served-coordinator.ts";

const serve = useServedCoordinators();
const coordinatorOf = useCoordinators();
const ZEROS = "00".repeat(32);

async function set(deployment: AttestedDeployment, address: string, ...more: readonly string[]): Promise<string> {
  const { directory, path, trustFlags } = deployment;
  const words = ["set", "-c", address, "--workspace-dir", directory, ...trustFlags, ...more, path("resources")];
  return await codeOfAsync(() => callCommand(words, deploymentIo(deployment)));
}

async function verify(deployment: AttestedDeployment, address: string): Promise<string> {
  const { directory, trustFlags } = deployment;
  const words = ["verify", "-c", address, "--workspace-dir", directory, ...trustFlags];
  return await codeOfAsync(() => callCommand(words, deploymentIo(deployment)));
}

/** The deployment with another manifest, which its owner may set. */
function changed(deployment: AttestedDeployment): void {
  deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32)));
}

const DONE = "no error, returned undefined";

describe("contrast set --atomic", () => {
  test("sets the first manifest, and later ones after each verification", async () => {
    const deployment = attestedDeployment();
    const { address, log } = await serve(deployment);
    expect(await set(deployment, address, "--atomic")).toBe(DONE);
    expect(await verify(deployment, address)).toBe(DONE);
    const first = readFileSync(deployment.path("verify/latest-transition"), "utf8");
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    changed(deployment);
    expect(await set(deployment, address, "--atomic")).toBe(DONE);
    changed(deployment);
    expect(await set(deployment, address, "--atomic")).toBe("client/transition-stale");
    await verify(deployment, address);
    expect(readFileSync(deployment.path("verify/latest-transition"), "utf8")).not.toBe(first);
    expect(await set(deployment, address, "--atomic")).toBe(DONE);
    expect(log.lines.filter((line) => line.includes("SetManifest succeeded"))).toHaveLength(3);
  });

  test("takes the transition of a flag in place of the file", async () => {
    const deployment = attestedDeployment();
    const { address } = await serve(deployment);
    mkdirSync(deployment.path("verify"));
    writeFileSync(deployment.path("verify/latest-transition"), "11".repeat(32));
    expect(await set(deployment, address, "--atomic")).toBe("client/transition-stale");
    expect(await set(deployment, address, "--latest-transition", ZEROS)).toBe(DONE);
    changed(deployment);
    expect(await set(deployment, address, "--latest-transition", ZEROS)).toBe("client/transition-stale");
    expect(await set(deployment, address)).toBe(DONE);
  });

  test.each(["", "00", "zz".repeat(32), `${"00".repeat(32)}00`])("refuses a file with %j", async (text) => {
    const deployment = attestedDeployment();
    mkdirSync(deployment.path("verify"));
    writeFileSync(deployment.path("verify/latest-transition"), text);
    expect(await set(deployment, "127.0.0.1:1", "--atomic")).toBe("client/transition-invalid");
  });

  test("refuses another flag value", async () => {
    expect(await set(attestedDeployment(), "127.0.0.1:1", "--latest-transition", "00")).toBe(
      "terminal/invalid-argument",
    );
  });

  test("sends nothing to a Coordinator that would not look at the transition", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    expect(await set(deployment, server.address, "--latest-transition", ZEROS)).toBe("client/atomic-unsupported");
    expect(server.state.manifests).toHaveLength(1);
  });

  test("leaves it to the Coordinator to notice a change at the last moment", async () => {
    const deployment = attestedDeployment();
    const state = new (class extends CoordinatorState {
      override setManifest(): never {
        throw new ConnectError("the latest transition has changed since last read", Code.FailedPrecondition);
      }
    })();
    const server = await coordinatorOf(deployment, { state });
    expect(await set(deployment, server.address, "--atomic")).toBe("rpc/changed-concurrently");
  });
});
