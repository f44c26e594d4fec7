import { expect } from "bun:test";
import { type CompiledCoordinator, useCompiledCoordinators } from "./compiled-coordinator.ts";
import { type Call, type CallAnswer, type GoClient, type MeshAnswer, type Request, useGoClient } from "./go-client.ts";
import { sampleManifest, type SampleManifest, setRequest, WEB_POLICY } from "./sample-manifest.ts";
import { trustMachine, useSimulatedWorld } from "./simulated-world.ts";

/** Code and distinguishing words of a status. */
export type Row = readonly [code: string, words: string];

export const OK: Row = ["OK", ""];
export const RECOVERY: Row = ["FailedPrecondition", "coordinator is in recovery mode"];
export const HANDSHAKE: Row = ["Unavailable", "authentication handshake failed"];

/** Compares what a client saw with a row of a table. */
export function expectRow({ code, message }: Pick<CallAnswer, "code" | "message">, [wantedCode, words]: Row): void {
  expect({ code, message }).toEqual({ code: wantedCode, message: expect.stringContaining(words) });
}

/** What the owner of seed shares has, decrypted. */
export interface Secret {
  readonly seed: string;
  readonly salt: string;
}

/** Calls of Coordinators on one simulated machine, whose manifests have the owners `owner` and `seed-owner`. */
export interface StatusCalls {
  readonly client: () => GoClient;
  readonly world: ReturnType<typeof useSimulatedWorld>;
  /** @param state the directory of an earlier one */
  readonly start: (state?: string) => Promise<CompiledCoordinator>;
  /** Starts one with a first manifest. */
  readonly started: () => Promise<CompiledCoordinator & { readonly secret: Secret }>;
  readonly manifestOf: (change?: (manifest: SampleManifest) => void) => Promise<SampleManifest>;
  readonly call: (to: CompiledCoordinator, members: Omit<Call, "address">) => Promise<CallAnswer>;
  readonly set: (to: CompiledCoordinator, manifest: SampleManifest | string, key?: string) => Promise<CallAnswer>;
  readonly get: (from: CompiledCoordinator) => Promise<CallAnswer>;
  readonly recover: (coordinator: CompiledCoordinator, request: Request, key?: string) => Promise<CallAnswer>;
  /** Asks as the workload `web`, or as another one. @param evidence what differs from good evidence */
  readonly mesh: (coordinator: CompiledCoordinator, evidence?: object, policy?: string) => Promise<MeshAnswer>;
}

/** To be called where tests are described. */
export function useStatusCalls(): StatusCalls {
  const client = useGoClient();
  const world = useSimulatedWorld("tdx");
  const startCoordinator = useCompiledCoordinators();
  let owners: ReturnType<typeof makeOwners> | undefined;
  let trust: Promise<string> | undefined;
  const calls: StatusCalls = {
    client,
    world,
    start: async (state) => await startCoordinator(world(), state),
    started: async () => {
      const coordinator = await calls.start();
      const answer = await calls.set(coordinator, await calls.manifestOf());
      expectRow(answer, OK);
      const [share] = answer.response.seedShares ?? [];
      const encrypted = { key: "seed-owner", share: share!.encryptedSeed };
      const { seed } = await client().ask<{ seed: string }>("open-share", encrypted);
      return { ...coordinator, secret: { seed, salt: answer.response.salt! } };
    },
    manifestOf: async (change = () => {}) => {
      owners ??= makeOwners(client());
      const { digest, publicKey } = await owners;
      const manifest = sampleManifest(world(), { digests: [digest], seedShareKeys: [publicKey] });
      change(manifest);
      return manifest;
    },
    call: async ({ address }, members) => {
      trust ??= trustMachine(client(), world());
      return await client().call({ address, trust: await trust, ...members });
    },
    set: async (to, manifest, key) => {
      const caller = key === undefined ? {} : { key };
      return await calls.call(to, { method: "SetManifest", request: setRequest(manifest), ...caller });
    },
    get: async (from) => await calls.call(from, { method: "GetManifests" }),
    recover: async (coordinator, request, key = "seed-owner") =>
      await calls.call(coordinator, { method: "Recover", request, key }),
    mesh: async ({ meshAddress: address }, evidence = {}, policy = WEB_POLICY) =>
      await client().mesh({ name: "workload", address, evidence: { ...world().evidence(policy), ...evidence } }),
  };
  return calls;
}

async function makeOwners(go: GoClient): Promise<{ readonly digest: string; readonly publicKey: string }> {
  const { digest } = await go.ask<{ digest: string }>("key", { name: "owner", kind: "p384" });
  const { publicKey } = await go.ask<{ publicKey: string }>("key", { name: "seed-owner", kind: "rsa2048" });
  return { digest, publicKey };
}
