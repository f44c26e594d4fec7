import { describe, expect, test } from "bun:test";
import { requestLimits, USUAL_REQUEST_LIMITS } from "../../src/coordinator/request-limits.ts";
import { ANSWER_MARGIN_BYTES, coordinatorMebibytes, MAX_ANSWER_BYTES } from "../../src/proto/message-limits.ts";

const MIB = 1024 * 1024;
const inMib = (wanted: number, memory: number): readonly number[] => {
  const { requestBytes, answerBytes, heldBytes } = requestLimits(wanted, memory * MIB);
  return [requestBytes, answerBytes, heldBytes].map((bytes) => Math.floor(bytes / MIB));
};

describe("requestLimits()", () => {
  test.each([
    { wanted: 64, memory: 8000, limits: [64, 256, 256] },
    { wanted: 4, memory: 8000, limits: [4, 16, 256] },
    { wanted: 128, memory: 8000, limits: [128, 512, 256] },
    { wanted: 64, memory: 896, limits: [64, 256, 128] },
    { wanted: 128, memory: 896, limits: [64, 256, 128] },
    { wanted: 64, memory: 100, limits: [4, 16, 8] },
    { wanted: 4, memory: 0, limits: [4, 16, 8] },
  ])("chooses what $memory MiB are enough for, of $wanted MiB", ({ wanted, memory, limits }) => {
    expect(inMib(wanted, memory)).toEqual(limits);
  });

  test.each([4, 16, 64, 128])("takes %d MiB with the memory that is printed for it", (wanted) => {
    expect(inMib(wanted, coordinatorMebibytes(wanted))[0]).toBe(wanted);
  });

  test("gives no client more than it takes", () => {
    expect(requestLimits(128, 8000 * MIB).answerBytes + ANSWER_MARGIN_BYTES).toBe(MAX_ANSWER_BYTES);
    expect(USUAL_REQUEST_LIMITS).toEqual(requestLimits(64, 8000 * MIB));
  });
});
