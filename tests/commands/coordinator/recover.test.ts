import { describe, expect, test } from "bun:test";
import { constants, createPublicKey, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { ContrastError } from "../../../src/lib/errors.ts";
import { attestedDeployment, type AttestedDeployment } from "../../fakes/attested-deployment.ts";
import { callCommand } from "../../fakes/call-command.ts";
import type { CoordinatorState } from "../../fakes/coordinator-state.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { connectionsEnded, deploymentIo, useCoordinators } from "../../fakes/running-coordinator.ts";

const coordinatorOf = useCoordinators();

function wordsOf({ directory, trustFlags }: AttestedDeployment, address: string, more: readonly string[] = []) {
  return ["recover", "-c", address, "--workspace-dir", directory, ...trustFlags, ...more];
}

/** A Coordinator that was restarted, and the seed shares of its owner. */
function restarted(deployment: AttestedDeployment): CoordinatorState {
  const state = deployment.setState();
  state.restart();
  writeShares(deployment, state.seed, state.salt);
  return state;
}

function writeShares(deployment: AttestedDeployment, seed: Uint8Array, salt: Uint8Array, label = "seedshare"): void {
  const key = createPublicKey(deployment.shareOwner);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const encrypted = publicEncrypt({ key, padding, oaepHash: "sha256", oaepLabel: Buffer.from(label) }, seed);
  const PublicKey = key.export({ type: "pkcs1", format: "der" }).toString("hex").toUpperCase();
  const shares = {
    seedshares: [{ PublicKey, EncryptedSeed: encrypted.toString("base64") }],
    Salt: Buffer.from(salt).toString("base64"),
  };
  writeFileSync(deployment.path("seed-shares.json"), JSON.stringify(shares));
}

describe("contrast recover", () => {
  test.each(["success", "failure"])("ends its connection after %s", async (outcome) => {
    const deployment = attestedDeployment();
    const state = restarted(deployment);
    if (outcome === "failure") state.seed = new Uint8Array(64);
    const server = await coordinatorOf(deployment, { state });
    await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)));
    await connectionsEnded(server);
    expect(server.calls.length).toBe(1);
  });

  test("gives the Coordinator its seed with the seed share owner's key and tells what to restart", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: restarted(deployment) });
    const before = deployment.files();
    const io = deploymentIo(deployment);
    await callCommand(wordsOf(deployment, server.address), io);
    expect(io.printed).toEqual([
      "✔️ Successfully recovered the Coordinator",
      '  The mesh CA is new: run "contrast verify" to get it, and restart the workloads for new certificates',
      "  Workloads: deployment/web -n shop",
    ]);
    expect(server.state.getManifests().manifests.length).toBe(1);
    expect(deployment.files()).toEqual(before);
  });

  test("never shows the seed", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: restarted(deployment) });
    const log = recordLog();
    const io = deploymentIo(deployment, { log, format: "json" });
    await callCommand(wordsOf(deployment, server.address), io);
    const shown = [...io.printed, ...io.told, ...log.lines].join("\n");
    const seed = Buffer.from(server.state.seed);
    for (const form of ["hex", "base64", "latin1"] as const) expect(shown).not.toContain(seed.toString(form));
    expect(JSON.parse(io.printed[0]!)).toMatchObject({
      schema: "contrast/recover/v1",
      ok: true,
      insecure: true,
      recovered: true,
      restart: ["deployment/web -n shop"],
      verdict: { outcome: "accepted" },
    });
  });

  test("attests but sends nothing with --dry-run", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: restarted(deployment) });
    const io = deploymentIo(deployment);
    await callCommand(wordsOf(deployment, server.address, ["--dry-run"]), io);
    expect(server.calls).toEqual([]);
    expect(server.atls.hellos.length).toBe(1);
    expect(io.printed).toEqual([
      "✔️ Key and seed share fit, and the Coordinator was attested",
      "  Nothing was sent. Whether the seed is that of this Coordinator shows only when it gets it",
    ]);
  });

  test.each([
    [
      "the key of somebody else",
      (deployment: AttestedDeployment) => {
        const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        writeFileSync(deployment.path("seedshare-owner.pem"), privateKey.export({ type: "pkcs1", format: "pem" }));
      },
      "client/seed-share-missing",
    ],
    [
      "no key",
      (deployment: AttestedDeployment) => rmSync(deployment.path("seedshare-owner.pem")),
      "client/owner-key-missing",
    ],
    [
      "an elliptic curve key",
      (deployment: AttestedDeployment) => {
        const pem = deployment.workloadOwner.export({ type: "sec1", format: "pem" });
        writeFileSync(deployment.path("seedshare-owner.pem"), pem);
      },
      "manifest/key-file-invalid",
    ],
    [
      "a seed under another label",
      (deployment: AttestedDeployment) => writeShares(deployment, new Uint8Array(64), new Uint8Array(32), "other"),
      "client/seed-share-undecryptable",
    ],
    [
      "a seed that is too short",
      (deployment: AttestedDeployment) => writeShares(deployment, new Uint8Array(31), new Uint8Array(32)),
      "client/seed-share-undecryptable",
    ],
    [
      "a salt of another length",
      (deployment: AttestedDeployment) => writeShares(deployment, new Uint8Array(64), new Uint8Array(31)),
      "client/seed-shares-invalid",
    ],
    [
      "no seed shares",
      (deployment: AttestedDeployment) => rmSync(deployment.path("seed-shares.json")),
      "lib/file-unreadable",
    ],
    [
      "an expected policy that is unknown",
      (deployment: AttestedDeployment) => rmSync(deployment.path("coordinator-policy.sha256")),
      "manifest/coordinator-policy-unknown",
    ],
  ])("opens no connection with %s", async (_, change, code) => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: restarted(deployment) });
    change(deployment);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      code,
    );
    expect(server.atls.hellos.length).toBe(0);
  });

  test.each([
    ["another seed", (state: CoordinatorState) => void (state.seed = new Uint8Array(64)), "rpc/recovery-refused"],
    [
      "other owners",
      (state: CoordinatorState) => {
        const text = Buffer.from(state.manifests[0]!).toString();
        state.manifests[0] = Buffer.from(text.replace(/("SeedshareOwnerPubKeys": \[\s*")[0-9a-f]+/, "$100"));
      },
      "rpc/permission-denied",
    ],
  ])("names the refusal of a Coordinator with %s", async (_, change, code) => {
    const deployment = attestedDeployment();
    const state = restarted(deployment);
    change(state);
    const server = await coordinatorOf(deployment, { state });
    const words = wordsOf(deployment, server.address);
    const error = await callCommand(words, deploymentIo(deployment)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    const names = error instanceof ContrastError && error.hint?.includes("--seedshare-owner-key") === true;
    expect(names).toBe(code === "rpc/permission-denied");
  });

  test("names a Coordinator that needs no recovery", async () => {
    const deployment = attestedDeployment();
    const state = restarted(deployment);
    const server = await coordinatorOf(deployment, { state });
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment));
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "rpc/already-recovered",
    );
  });

  test("sends no seed to a Coordinator whose evidence is refused", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: restarted(deployment), trouble: "other-key" });
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "attestation/rejected",
    );
    expect(server.calls).toEqual([]);
  });
});
