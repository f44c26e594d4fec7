import { describe, expect, test } from "bun:test";
import type { KeyObject } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { statusOf } from "../../src/coordinator/status-of.ts";
import type { ManifestRequest } from "../../src/coordinator/set-manifest.ts";
import {
  AuthorityBench,
  openShares,
  requestFor,
  SHARE_OWNER,
  STRANGER,
  WORKLOAD_OWNER,
} from "../fakes/authority-bench.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";

/** A Coordinator to which a script is played; every step answers with a status, and what texts have in common. */
interface Played {
  set(request: ManifestRequest, caller?: KeyObject): Promise<string>;
  get(): Promise<string>;
  recover(how: "right" | "wrong seed" | "short salt", caller?: KeyObject): Promise<string>;
  restart(): Promise<void>;
}

const FRAGMENTS =
  /recovery mode|no manifest configured|unmarshaling manifest|setting manifest is disabled|no peer certificates|peer not authorized|seedshare owners|no policy provided|already recovered|no persisted transaction|initializing seed engine|recovery failed/;

async function statusAndText(step: () => unknown): Promise<string> {
  try {
    await step();
    return "OK";
  } catch (error) {
    const { code, rawMessage } = error instanceof ConnectError ? error : statusOf(error, Code.Unknown);
    return `${Code[code]} ${FRAGMENTS.exec(rawMessage)?.[0] ?? rawMessage}`;
  }
}

async function playReal(): Promise<Played> {
  const bench = new AuthorityBench();
  let process = await bench.start();
  let shares: ReturnType<typeof openShares> | undefined;
  return {
    set: (request, caller) =>
      statusAndText(async () => {
        const answer = await process.setManifest(request, caller);
        if (answer.seedShares !== undefined) shares = openShares(answer);
      }),
    get: () => statusAndText(() => process.getManifests()),
    recover: (how, caller) =>
      statusAndText(() => {
        const { seed, salt } = shares ?? { seed: new Uint8Array(64), salt: new Uint8Array(32) };
        return process.recover(changed(seed.slice(), salt, how), caller);
      }),
    restart: async () => void (process = await bench.start()),
  };
}

function playFake(): Played {
  const state = new CoordinatorState();
  const spki = (key: KeyObject | undefined) => key && new Uint8Array(key.export({ type: "spki", format: "der" }));
  return {
    set: ({ manifest, policies }, caller) => statusAndText(() => state.setManifest(manifest, policies, spki(caller))),
    // As version 1.4 has it; ours is the status of later versions, and the client takes both.
    get: async () =>
      (await statusAndText(() => state.getManifests())).replace(/^Internal (?=recovery)/, "FailedPrecondition "),
    recover: (how, caller) =>
      statusAndText(() => {
        const { seed, salt } = changed(state.seed.slice(), state.salt, how);
        state.recover(seed, salt, spki(caller));
      }),
    restart: async () => state.restart(),
  };
}

function changed(seed: Uint8Array, salt: Uint8Array, how: Parameters<Played["recover"]>[0]) {
  if (how === "wrong seed") return { seed: seed.with(0, (seed[0] ?? 0) ^ 1), salt };
  return { seed, salt: how === "short salt" ? salt.slice(1) : salt };
}

async function script(on: Played): Promise<readonly string[]> {
  const [web, api] = [requestFor("web"), requestFor("api")];
  const otherOwners = requestFor("api", (manifest) => (manifest.SeedshareOwnerPubKeys = []));
  const noOwner = requestFor("db", (manifest) => (manifest.WorkloadOwnerKeyDigests = []));
  return [
    await on.get(),
    await on.recover("right", SHARE_OWNER),
    await on.set({ manifest: new Uint8Array(Buffer.from("{")), policies: [] }),
    await on.set({ ...web, policies: [] }),
    await on.set(web),
    await on.set(api),
    await on.set(api, STRANGER),
    await on.set(otherOwners, WORKLOAD_OWNER),
    await on.set({ ...api, policies: [] }, WORKLOAD_OWNER),
    await on.set(api, WORKLOAD_OWNER),
    await on.get(),
    await on.recover("right", SHARE_OWNER),
    (await on.restart(), await on.get()),
    await on.set(web, WORKLOAD_OWNER),
    await on.recover("short salt", SHARE_OWNER),
    await on.recover("wrong seed", SHARE_OWNER),
    await on.recover("right", WORKLOAD_OWNER),
    await on.recover("right"),
    await on.recover("right", SHARE_OWNER),
    await on.set(noOwner, WORKLOAD_OWNER),
    await on.set(web, WORKLOAD_OWNER),
  ];
}

describe("the fake Coordinator of the client's tests", () => {
  test("answers as the real one does", async () => {
    const real = await script(await playReal());
    expect(await script(playFake())).toEqual(real);
    expect(real.filter((status) => status === "OK")).toHaveLength(5);
  });
});
