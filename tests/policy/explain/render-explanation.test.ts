import { describe, expect, test } from "bun:test";
import { renderExplanation } from "../../../src/policy/explain/render-explanation.ts";
import type { RequestExplanation } from "../../../src/policy/explain/request-explanation.ts";
import { NO_PAINT } from "../../../src/terminal/colour.ts";

const BASE: RequestExplanation = {
  kind: "CreateContainerRequest",
  description: undefined,
  verdict: "denied",
  error: undefined,
  cut: undefined,
  containers: [],
  nearest: undefined,
  faults: [],
  unread: [],
  isReason: true,
  prints: ["from the rules"],
};

const linesOf = (change: Partial<RequestExplanation>) => renderExplanation({ ...BASE, ...change }, NO_PAINT);

describe("renderExplanation()", () => {
  test("says of an allowed request only that", () => {
    expect(linesOf({ verdict: "allowed", description: "start" })).toEqual(['ALLOWED CreateContainerRequest "start"']);
  });
  test("says why there is no answer, and nothing else", () => {
    expect(linesOf({ verdict: "error", error: "the rules\u001b have no value" })).toEqual([
      "ERROR CreateContainerRequest",
      "  no answer: the rules\\u001b have no value",
    ]);
  });
  test("says something else in each case where no check is known to fail", () => {
    const web = { index: 0, name: "web", failed: [] };
    const cases: readonly Partial<RequestExplanation>[] = [
      { cut: [], containers: [web] },
      { cut: ["OCI"] },
      { cut: [] },
      { isReason: false },
      { isReason: false, containers: [web], nearest: web },
    ];
    const last = cases.map((change) => linesOf({ ...change, prints: [] }).at(-1));
    expect(new Set(last).size).toBe(cases.length);
    expect(last[0]).toContain("--container");
    // A text that was cut at its beginning says as much as one without request.
    expect(linesOf({ prints: [] }).at(-1)).toBe(last[2]);
  });
  test("counts what would be too long, and shows the last lines that rules printed", () => {
    const prints = Array.from({ length: 7 }, (_, index) => `step ${index}`);
    const unread = Array.from({ length: 10 }, (_, index) => `check_${index}`);
    const lines = linesOf({ prints, unread });
    expect(lines.filter((line) => line.startsWith("  printed: "))).toEqual(
      prints.slice(2).map((print) => `  printed: ${print}`),
    );
    expect(lines.find((line) => line.includes("check_7"))).toEndWith(" and 2 more checks");
  });
  test("tells the other containers by their first failing check", () => {
    const containers = ["web", "side", "none"].map((name, index) => ({
      index,
      name,
      failed: ["env", "mounts"].slice(0, index === 2 ? 0 : index + 1),
    }));
    expect(linesOf({ containers, nearest: containers[0] }).at(-2)).toBe(
      "  other containers: side fails 2 checks, first env; none fails no check",
    );
  });
});
