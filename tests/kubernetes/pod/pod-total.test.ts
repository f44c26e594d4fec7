import { describe, expect, test } from "bun:test";
import { podTotal } from "../../../src/kubernetes/pod/pod-total.ts";

const init = (amount: number) => ({ amount, isSidecar: false });
const sidecar = (amount: number) => ({ amount, isSidecar: true });

describe("podTotal()", () => {
  test.each([
    [[], [], 0],
    [[], [1, 2], 3],
    [[init(4), init(3)], [1, 2], 4],
    [[init(2)], [1, 2], 3],
    [[sidecar(2)], [1], 3],
    [[init(3), sidecar(2)], [1], 3],
    [[sidecar(2), init(3)], [1], 5],
    [[sidecar(1), init(1), sidecar(2), init(3)], [2], 6],
  ])("of %j before %j is %d", (initContainers, containers, total) => {
    expect(podTotal(initContainers, containers)).toBe(total);
  });
});
