import { describe, expect, test } from "bun:test";
import { renderPath } from "../../src/kubernetes/path.ts";

describe("renderPath()", () => {
  test.each([
    [[], ""],
    [["spec", "containers", 0, "env"], "spec.containers[0].env"],
    [[0, "a"], "[0].a"],
    [["metadata", "annotations", "a.b/c"], 'metadata.annotations["a.b/c"]'],
    [["a", 'b"\n'], 'a["b\\"\\n"]'],
  ])("renders %j as %s", (path, expected) => {
    expect(renderPath(path)).toBe(expected);
  });

  test("cuts keys that are longer than a line", () => {
    expect(renderPath(["k".repeat(80)])).toBe("k".repeat(80));
    expect(renderPath(["spec", "k".repeat(81)])).toBe(`spec["${"k".repeat(80)}…"]`);
    expect(renderPath(["/".repeat(1_000_000)])).toHaveLength(85);
  });
});
