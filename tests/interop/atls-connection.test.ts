import { describe, expect, test } from "bun:test";
import { parseEndpoint } from "../../src/attestation/atls/endpoint.ts";
import type { Evidence } from "../../src/attestation/evidence.ts";
import { concludeVerdict } from "../../src/attestation/verdict.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { mapPool } from "../../src/lib/pool.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { deploymentFor } from "./atls-coordinator/attested-by-go.ts";
import { useGoCoordinators } from "./atls-coordinator/go-coordinator.ts";
import { runContrast } from "./atls-coordinator/run-contrast.ts";

/** Faults of the connection or of the answer: exit status, code, and checks that failed. */
const REFUSALS: Readonly<Record<string, [status: number | null, code: string | undefined, ...failed: string[]]>> = {
  "wrong-nonce": [3, "attestation/rejected", "report-data"],
  "other-key": [3, "attestation/rejected", "report-data"],
  "empty-evidence": [3, "attestation/rejected", "form"],
  "garbage-evidence": [3, "attestation/rejected", "form"],
  "no-extension": [3, "atls/no-evidence"],
  "unknown-oid": [3, "atls/no-evidence"],
  "claim-oid": [3, "atls/no-evidence"],
  "evidence-twice": [3, "atls/certificate-invalid"],
  "critical-extension": [3, "atls/certificate-invalid"],
  "self-signature": [3, "atls/certificate-invalid"],
  "certificate-expired": [3, "atls/certificate-expired"],
  "certificate-not-yet-valid": [3, "atls/certificate-expired"],
  "no-http2": [5, "atls/no-http2"],
  "reset-tcp": [5, "atls/handshake-closed"],
  "reset-handshake": [5, "atls/handshake-closed"],
  "garbage-tcp": [5, "atls/not-tls"],
  "garbage-handshake": [5, "atls/handshake-closed"],
  "reset-http2": [5, "rpc/unavailable"],
  "close-http2": [5, "rpc/unavailable"],
  "garbage-http2": [5, "rpc/answer-invalid"],
  "internal-error": [5, "rpc/server-failed"],
  unavailable: [5, "rpc/unavailable"],
  "garbage-answer": [5, "rpc/answer-invalid"],
  "answer-too-large": [5, "rpc/answer-too-large"],
  "recovery-1.4": [8, "rpc/recovery-needed"],
};

describe.if(hasPrograms("aTLS with a Coordinator in Go", "go"))("contrast verify over aTLS", () => {
  const coordinators = useGoCoordinators();

  test("names each fault of the connection, and leaves earlier files alone", async () => {
    const deployment = deploymentFor(coordinators(), "snp");
    const before = deployment.files();
    const answers = await mapPool(Object.keys(REFUSALS), 3, async (name) => {
      const coordinator = await coordinators().start({ tee: "snp", trouble: name });
      const { status, code, failed } = await runContrast(deployment, coordinator, ["verify"]);
      return [name, [status, code, ...failed]] as const;
    });
    expect(Object.fromEntries(answers)).toEqual({ ...REFUSALS });
    expect(deployment.files()).toEqual(before);
  }, 60_000);

  test("refuses a certificate that was made for an earlier connection", async () => {
    const deployment = deploymentFor(coordinators(), "tdx");
    const coordinator = await coordinators().start({ tee: "tdx", trouble: "replay" });
    expect((await runContrast(deployment, coordinator, ["verify"])).code).toBe("rpc/no-manifest");
    expect(await runContrast(deployment, coordinator, ["verify"])).toMatchObject({
      status: 3,
      failed: ["report-data"],
    });
  });

  // Called inside this process, because the program waits for 30 and 60 seconds.
  test.each([
    ["stall-tcp", "atls/timeout"],
    ["stall-handshake", "atls/timeout"],
    ["stall-http2", "rpc/timeout"],
    ["stall-call", "rpc/timeout"],
  ])("gives up on a server that does %s", async (trouble, code) => {
    const { address } = await coordinators().start({ tee: "snp", trouble });
    const accept = { name: "request", checks: [{ id: "any", subject: "any", outcome: "passed" }] } as const;
    const call = async (): Promise<unknown> => {
      const session = await dialCoordinator(parseEndpoint(address), {
        clientKey: undefined,
        validate: () => Promise.resolve(concludeVerdict({} as Evidence, [accept], undefined)),
        now: () => new Date(),
        signal: new AbortController().signal,
        timeoutMs: 300,
        callTimeoutMs: 300,
      });
      try {
        return await session.getManifests();
      } finally {
        session.close();
      }
    };
    expect(await codeOfAsync(call)).toBe(code);
  });
});
