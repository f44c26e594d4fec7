import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { dialMeshApi } from "../../src/rpc/dial-mesh-api.ts";
import { attestedDeployment, type AttestedDeployment } from "../fakes/attested-deployment.ts";
import { callCommand } from "../fakes/call-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { deploymentIo } from "../fakes/running-coordinator.ts";
import { issuerOf, useServedCoordinators } from "../fakes/served-coordinator.ts";

const serve = useServedCoordinators();
const DONE = "no error, returned undefined";
const DAY_MS = 24 * 60 * 60 * 1000;

async function run(deployment: AttestedDeployment, command: string, address: string): Promise<string> {
  const { directory, path, trustFlags } = deployment;
  const paths = command === "set" ? [path("resources")] : [];
  const words = [command, "-c", address, "--workspace-dir", directory, ...trustFlags, ...paths];
  return await codeOfAsync(() => callCommand(words, deploymentIo(deployment)));
}

async function certify(deployment: AttestedDeployment, port: number): Promise<string> {
  return await codeOfAsync(async () => {
    const { signal } = new AbortController();
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const options = { key, issuer: issuerOf(deployment), validate: undefined, now: deployment.now, signal };
    const session = await dialMeshApi({ host: "127.0.0.1", port }, options);
    await session.newMeshCert().finally(session.close);
  });
}

describe("startCoordinator() with a clock that is put right later", () => {
  test.each([1, -1])(
    "(%i days off) makes no certificate that is trusted before its time, and loses nothing",
    async (days) => {
      const right = attestedDeployment();
      let offMs = days * DAY_MS;
      const shifted = { ...right, now: () => new Date(right.now().getTime() + offMs) };
      const first = await serve(shifted);
      const { address, ports, disk } = first;
      expect(await run(right, "set", address)).toBe("atls/certificate-expired");
      expect(await run(shifted, "set", address)).toBe(DONE);
      // The clock is right again; the CA was made when it was not.
      offMs = 0;
      expect(await run(right, "verify", address)).toBe(DONE);
      expect(await certify(right, ports.meshApi)).toBe(days > 0 ? "rpc/mesh-certificate-invalid" : DONE);
      expect(await run(right, "set", address)).toBe(DONE);
      expect(await certify(right, ports.meshApi)).toBe(DONE);
      await first.stop(0);
      const restarted = await serve(right, disk);
      expect(await run(right, "recover", restarted.address)).toBe(DONE);
      expect(await run(right, "verify", restarted.address)).toBe(DONE);
    },
  );
});
