import { describe, expect, test } from "bun:test";
import { type ChainSource, createChainReader } from "../../../src/coordinator/history/chain.ts";
import { signLatest, verifyLatest } from "../../../src/coordinator/history/latest-transition.ts";
import { hashTransition, NO_TRANSITION, type Transition } from "../../../src/coordinator/history/transition.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { TRANSACTION_KEY } from "../../fakes/history-scenario.ts";

const LIMITS = { transitions: 3, manifestBytes: 100 };

/** Transitions of manifests of ten bytes, and how often they were read. */
function sourceOf(transitions: readonly Transition[]): ChainSource & { reads: number } {
  const byHash = new Map(transitions.map((transition) => [hashTransition(transition).toHex(), transition]));
  return {
    reads: 0,
    manifest: async () => new Uint8Array(10),
    async transition(hex) {
      this.reads++;
      return byHash.get(hex)!;
    },
  };
}

function after(previous: Transition | undefined, name: number): Transition {
  const previousHash = previous === undefined ? NO_TRANSITION : hashTransition(previous);
  return { manifestHash: new Uint8Array(32).fill(name), previousHash };
}

const verified = (transition: Transition) =>
  verifyLatest(signLatest(transition, TRANSACTION_KEY.privateKey), transition, TRANSACTION_KEY.publicKey);

describe("createChainReader()", () => {
  const first = after(undefined, 1);
  const second = after(first, 2);
  const third = after(second, 3);

  test("ends at its limit, however the source answers", async () => {
    const source = sourceOf([]);
    const endless: ChainSource = { ...source, transition: async () => second };
    const reader = createChainReader(endless, LIMITS);
    expect(await codeOfAsync(() => reader.read(verified(third)))).toBe("coordinator/history-too-large");
    expect(await codeOfAsync(() => reader.checkExtent(third))).toBe("coordinator/history-too-large");
  });

  test("measures what goes on from the chain that it has seen by its last step alone", async () => {
    const source = sourceOf([first, second, third]);
    const reader = createChainReader(source, LIMITS);
    await reader.read(verified(second));
    source.reads = 0;
    await reader.checkExtent(third);
    expect(source.reads).toBe(0);
    expect(await codeOfAsync(() => reader.checkExtent(after(third, 4)))).toBe("coordinator/history-too-large");
    expect(source.reads).toBe(1);
  });

  test("measures a branch of the chain that it has seen from its own beginning", async () => {
    const reader = createChainReader(sourceOf([first, second, third]), LIMITS);
    await reader.read(verified(third));
    await reader.checkExtent(after(second, 5));
    await reader.checkExtent(after(first, 6));
    await reader.checkExtent(after(undefined, 7));
    expect(await codeOfAsync(() => reader.checkExtent(after(third, 8)))).toBe("coordinator/history-too-large");
  });

  test("counts the bytes of a manifest as often as it was set", async () => {
    const again = [first, after(first, 1)] as const;
    const reader = (manifestBytes: number) => createChainReader(sourceOf(again), { transitions: 3, manifestBytes });
    expect(await reader(20).read(verified(again[1]))).toHaveLength(2);
    expect(await codeOfAsync(() => reader(19).read(verified(again[1])))).toBe("coordinator/history-too-large");
  });
});
