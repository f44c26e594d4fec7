import { describe, expect, test } from "bun:test";
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { CoordinatorValidator } from "../../src/client/coordinator-validator.ts";
import { type ClientServices, type SetAnswer, setManifest } from "../../src/client/set-manifest.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { judgeReportData } from "../fakes/atls/test-validator.ts";
import type { FakeCoordinator } from "../fakes/coordinator-server.ts";
import { startFakeCoordinator } from "../fakes/coordinator-server.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { manualClock } from "../fakes/manual-clock.ts";

const validator: CoordinatorValidator = {
  validate: judgeReportData,
  lastVerdict: () => undefined,
  lastCollateral: () => [],
};
const OWNER = { key: generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey, identity: "" };
const MANIFEST = new TextEncoder().encode('{"Policies":{},"WorkloadOwnerKeyDigests":["00"]}');

/** Does something after a manifest was stored, before its answer is sent. */
class InterferingState extends CoordinatorState {
  interfere: (count: number) => void = () => {};
  #count = 0;

  override setManifest(
    ...call: Parameters<CoordinatorState["setManifest"]>
  ): ReturnType<CoordinatorState["setManifest"]> {
    const answer = super.setManifest(...call);
    this.interfere(++this.#count);
    return answer;
  }
}

async function run(
  interfere: (count: number, server: FakeCoordinator) => void,
  { before = [], signal }: { readonly before?: readonly Uint8Array[]; readonly signal?: AbortSignal } = {},
): Promise<{
  readonly answer: SetAnswer | undefined;
  readonly code: string;
  readonly server: FakeCoordinator;
  readonly logged: readonly string[];
}> {
  const state = new InterferingState();
  state.manifests.push(...before);
  const server = await startFakeCoordinator({ state });
  state.interfere = (count) => interfere(count, server);
  const clock = manualClock(new Date().toISOString());
  const log = recordLog();
  const services: ClientServices = { ...clock, signal: signal ?? new AbortController().signal, log };
  const { endpoint } = server;
  let answer: SetAnswer | undefined;
  const code = await codeOfAsync(async () => {
    answer = await setManifest(
      { endpoint, manifestBytes: MANIFEST, policies: [], ownerKey: OWNER, validator },
      services,
    );
  });
  answer?.session.close();
  await server.close();
  return { answer, code, server, logged: log.lines };
}

describe("setManifest()", () => {
  test("does not send the first manifest again where its answer was lost, since that would hide the loss", async () => {
    const { code, server } = await run((count, { atls }) => {
      if (count === 1) atls.resetAll();
    });
    expect(code).toBe("client/seed-shares-lost");
    expect(server.state.manifests.length).toBe(1);
    expect(server.calls.map((path) => path.split("/").at(-1))).toEqual(["SetManifest", "GetManifests"]);
  });

  test("does not send a manifest again where nobody can tell what became of it", async () => {
    const { code, server } = await run((_, { atls, state }) => {
      state.restart();
      atls.resetAll();
    });
    expect(code).toBe("rpc/recovery-needed");
    expect(server.calls.map((path) => path.split("/").at(-1))).toEqual(["SetManifest", "GetManifests"]);
  });

  test("says so only where it is open whether the manifest is set", async () => {
    const lost = await startFakeCoordinator({ trouble: "web-page" });
    const refused = await startFakeCoordinator({ state: CoordinatorState.withManifest(MANIFEST) });
    const messages: string[] = [];
    for (const { endpoint, close } of [lost, refused]) {
      const clock = manualClock(new Date().toISOString());
      const services = { ...clock, signal: new AbortController().signal, log: recordLog() };
      const request = { endpoint, manifestBytes: MANIFEST, policies: [], ownerKey: OWNER, validator };
      const error = await setManifest(request, services).catch((thrown: unknown) => thrown);
      messages.push(error instanceof ContrastError ? error.message : "no error");
      await close();
    }
    expect(messages.map((message) => message.startsWith("Cannot tell whether"))).toEqual([true, false]);
  });

  test("finds an update in force whose answer was lost", async () => {
    const first = new TextEncoder().encode(`{"Policies":{},"WorkloadOwnerKeyDigests":["${ownerDigest()}"]}`);
    const { answer, server } = await run(
      (count, { atls }) => {
        if (count === 1) atls.resetAll();
      },
      { before: [first] },
    );
    expect(answer?.seedShares).toBeUndefined();
    expect(answer?.meshCaPem).toEqual(server.state.meshCaPem);
    expect(server.state.manifests.length).toBe(2);
  });

  test("sends the manifest again where the connection broke before it was stored", async () => {
    const state = new (class extends CoordinatorState {
      failures = 1;
      server: FakeCoordinator | undefined;
      override setManifest(...call: Parameters<CoordinatorState["setManifest"]>) {
        if (this.failures-- > 0) {
          this.server?.atls.resetAll();
          throw new Error("reset");
        }
        return super.setManifest(...call);
      }
    })();
    const server = await startFakeCoordinator({ state });
    state.server = server;
    const clock = manualClock(new Date().toISOString());
    const services = { ...clock, signal: new AbortController().signal, log: recordLog() };
    const request = {
      endpoint: server.endpoint,
      manifestBytes: MANIFEST,
      policies: [],
      ownerKey: undefined,
      validator,
    };
    const answer = await setManifest(request, services);
    answer.session.close();
    await server.close();
    expect(answer.seedShares).toBeDefined();
    expect(clock.slept).toEqual([1000]);
  });

  test("waits for the answer although the user wants to stop, and says why", async () => {
    const controller = new AbortController();
    const { answer, logged } = await run(() => controller.abort(), { signal: controller.signal });
    expect(answer?.seedShares).toBeDefined();
    expect(logged.filter((line) => line.startsWith("warn waiting for the answer")).length).toBe(1);
  });

  test("stops at once before anything is sent", async () => {
    const { code, server } = await run(() => {}, { signal: AbortSignal.abort() });
    expect(code).toBe("lib/interrupted");
    expect(server.calls).toEqual([]);
  });

  test("waits one second after each try while nothing listens, three minutes in all", async () => {
    const server = await startFakeCoordinator();
    await server.close();
    const clock = manualClock(new Date().toISOString());
    const services = { ...clock, signal: new AbortController().signal, log: recordLog() };
    const request = {
      endpoint: server.endpoint,
      manifestBytes: MANIFEST,
      policies: [],
      ownerKey: undefined,
      validator,
    };
    expect(await codeOfAsync(() => setManifest(request, services))).toBe("atls/unreachable");
    expect(clock.slept.length).toBe(179);
    expect(new Set(clock.slept)).toEqual(new Set([1000]));
  });
});

function ownerDigest(): string {
  const spki = createPublicKey(OWNER.key).export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}
