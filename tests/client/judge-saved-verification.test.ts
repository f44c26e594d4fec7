import { describe, expect, test } from "bun:test";
import { readSavedVerification } from "../../src/client/read-saved-verification.ts";
import type { SavedVerification } from "../../src/client/saved-verification.ts";
import { type ExpectedState, readExpectedState } from "../../src/client/expected-state.ts";
import { judgeSavedVerification } from "../../src/client/judge-saved-verification.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import { Problems } from "../../src/lib/problems.ts";
import { attestedDeployment, type AttestedDeployment } from "../fakes/attested-deployment.ts";
import { callCommand } from "../fakes/call-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { deploymentIo, useCoordinators } from "../fakes/running-coordinator.ts";

const coordinatorOf = useCoordinators();

async function save(deployment: AttestedDeployment): Promise<SavedVerification> {
  const { address } = await coordinatorOf(deployment, { state: deployment.setState() });
  const path = deployment.path("saved.tar");
  const words = ["verify", "-c", address, "--workspace-dir", deployment.directory, ...deployment.trustFlags];
  await callCommand([...words, "--save", path], deploymentIo(deployment));
  return await readSavedVerification(path);
}

async function expectedOf(deployment: AttestedDeployment): Promise<ExpectedState> {
  const sources = {
    manifestPath: deployment.path("manifest.json"),
    policyFlag: deployment.coordinatorHash,
    policyPath: "",
    log: recordLog(),
  };
  const { state: expected } = await readExpectedState(sources, new Problems());
  if (expected === undefined) throw new Error("no expected state");
  return expected;
}

async function outcomeOf(deployment: AttestedDeployment, saved: SavedVerification): Promise<string> {
  const roots = insecureTrustRoots(Buffer.from(deployment.rootsPem), "roots");
  const judging = { at: saved.at, roots, signal: new AbortController().signal };
  return (await judgeSavedVerification(saved, await expectedOf(deployment), judging)).outcome;
}

describe("judgeSavedVerification()", () => {
  test("accepts what was saved, and refuses it with the nonce of another connection", async () => {
    const deployment = attestedDeployment();
    const saved = await save(deployment);
    expect(await outcomeOf(deployment, saved)).toBe("accepted");
    expect(await outcomeOf(deployment, { ...saved, nonce: new Uint8Array(32) })).toBe("rejected");
  });

  test("accepts no policy where none is expected", async () => {
    const deployment = attestedDeployment();
    const saved = await save(deployment);
    const expected = await expectedOf(deployment);
    const judging = {
      at: saved.at,
      roots: insecureTrustRoots(Buffer.from(deployment.rootsPem), "roots"),
      signal: new AbortController().signal,
    };
    const outcomeWith = async (hashes: readonly Uint8Array[]): Promise<string> => {
      const policy = { ...expected.policy, hashes };
      return (await judgeSavedVerification(saved, { ...expected, policy }, judging)).outcome;
    };
    const [hash = new Uint8Array()] = expected.policy.hashes;
    expect(await outcomeWith([])).toBe("rejected");
    expect(await outcomeWith([hash])).toBe("accepted");
    expect(await outcomeWith([new Uint8Array(32), hash])).toBe("accepted");
    expect(await outcomeWith([new Uint8Array(32)])).toBe("rejected");
  });

  test("refuses evidence that is not that of the certificate", async () => {
    const deployment = attestedDeployment();
    const [saved, other] = [await save(deployment), await save(deployment)];
    const mixed = { ...saved, presented: other.presented };
    expect(await codeOfAsync(() => outcomeOf(deployment, mixed))).toBe("client/saved-invalid");
    const exchanged = { ...saved, presented: other.presented, certificateDer: other.certificateDer };
    expect(await outcomeOf(deployment, exchanged)).toBe("rejected");
  });

  test("refuses a certificate that was changed", async () => {
    const deployment = attestedDeployment();
    const saved = await save(deployment);
    const certificateDer = Uint8Array.from(saved.certificateDer);
    certificateDer[certificateDer.length - 1]! ^= 1;
    expect(await codeOfAsync(() => outcomeOf(deployment, { ...saved, certificateDer }))).toBe(
      "atls/certificate-invalid",
    );
  });

  test("cannot tell where collateral was taken out, spoilt or exchanged", async () => {
    const deployment = attestedDeployment();
    const saved = await save(deployment);
    expect(saved.collateral.length).toBe(4);
    for (const item of saved.collateral) {
      const others = saved.collateral.filter((other) => other !== item);
      const body = Uint8Array.from(item.body);
      body[body.length >> 1]! ^= 1;
      expect(await outcomeOf(deployment, { ...saved, collateral: others }), item.url).toBe("unknown");
      expect(await outcomeOf(deployment, { ...saved, collateral: [...others, { ...item, body }] }), item.url).not.toBe(
        "accepted",
      );
    }
  });
});
