import { describe, expect, test } from "bun:test";
import { checkHistory, compareActiveManifest } from "../../src/client/history.ts";
import type { ManifestHistory } from "../../src/rpc/coordinator-session.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { codeOf } from "../fakes/error-code.ts";

const { rootCaPem, meshCaPem } = new CoordinatorState();
const HISTORY: ManifestHistory = {
  manifests: [Uint8Array.of(1), Uint8Array.of(2)],
  policies: [Uint8Array.of(3), Uint8Array.of(4), Uint8Array.of(3)],
  rootCaPem,
  meshCaPem,
  latestTransition: undefined,
};

describe("checkHistory()", () => {
  test("keeps the order of manifests and takes each policy once, under the hash of its bytes", () => {
    const { manifests, policies } = checkHistory(HISTORY);
    expect(manifests.map(({ bytes }) => bytes[0])).toEqual([1, 2]);
    expect(policies.map(({ bytes }) => bytes[0])).toEqual([3, 4]);
    expect(policies[0]?.sha256).toBe("084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5");
  });

  test.each<[string, Partial<ManifestHistory>, string]>([
    ["no manifest", { manifests: [] }, "client/history-empty"],
    [
      "too many manifests",
      { manifests: Array.from({ length: 10_001 }, () => Uint8Array.of(1)) },
      "client/history-too-large",
    ],
    [
      "too many policies",
      { policies: Array.from({ length: 50_001 }, () => Uint8Array.of(1)) },
      "client/history-too-large",
    ],
    ["a root CA that is none", { rootCaPem: new Uint8Array() }, "client/ca-invalid"],
    ["a mesh CA that is none", { meshCaPem: Uint8Array.of(1) }, "client/ca-invalid"],
    ["an empty transition", { latestTransition: new Uint8Array() }, "rpc/answer-invalid"],
  ])("refuses %s", (_, change, code) => {
    expect(codeOf(() => checkHistory({ ...HISTORY, ...change }))).toBe(code);
  });
});

describe("compareActiveManifest()", () => {
  test("compares the last manifest, byte for byte", () => {
    const history = checkHistory(HISTORY);
    expect(() => compareActiveManifest(history, Uint8Array.of(2), "diff")).not.toThrow();
    expect(codeOf(() => compareActiveManifest(history, Uint8Array.of(1), "diff"))).toBe("client/manifest-differs");
    expect(codeOf(() => compareActiveManifest(history, Uint8Array.of(2, 0x0a), "diff"))).toBe(
      "client/manifest-differs",
    );
  });
});
