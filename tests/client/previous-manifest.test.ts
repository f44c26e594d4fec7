import { describe, expect, test } from "bun:test";
import { previousManifest } from "../../src/client/previous-manifest.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import type { CoordinatorSession, ManifestHistory } from "../../src/rpc/coordinator-session.ts";
import { recordLog } from "../fakes/image-provider.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const MANIFEST = bytes('{"Policies":{}}');
const EARLIER = bytes('{"Policies":{"aa":{}}}');

function sessionWith(getManifests: CoordinatorSession["getManifests"]): CoordinatorSession {
  return { getManifests } as CoordinatorSession;
}

async function previousOf(manifests: readonly Uint8Array[]) {
  const history = { manifests } as unknown as ManifestHistory;
  const surroundings = { log: recordLog(), signal: new AbortController().signal };
  return await previousManifest(
    sessionWith(() => Promise.resolve(history)),
    MANIFEST,
    surroundings,
  );
}

describe("previousManifest()", () => {
  test("is the one before the active one", async () => {
    expect([...((await previousOf([MANIFEST, EARLIER, MANIFEST]))?.policies.keys() ?? [])]).toEqual(["aa"]);
  });

  test.each([
    ["there is none", [MANIFEST]],
    ["another one has become active since", [EARLIER, MANIFEST, EARLIER]],
    ["it cannot be read", [bytes("{"), MANIFEST]],
    ["the history is empty", []],
  ])("is unknown where %s", async (_, manifests) => {
    expect(await previousOf(manifests)).toBeUndefined();
  });

  test("is unknown where the call fails or hangs", async () => {
    const log = recordLog();
    const { signal } = new AbortController();
    const failing = sessionWith(() => Promise.reject(new ContrastError("rpc/timeout", "no answer")));
    expect(await previousManifest(failing, MANIFEST, { log, signal })).toBeUndefined();
    const hanging = sessionWith(() => new Promise(() => {}));
    expect(await previousManifest(hanging, MANIFEST, { log, signal: AbortSignal.abort() })).toBeUndefined();
    expect(log.lines.length).toBe(2);
  });
});
