import { describe, expect, test } from "bun:test";
import { type Fault, tellingFaults } from "../../src/kubernetes/telling-faults.ts";

const fault = (offset: number, message = "bad"): Fault => ({ code: "kubernetes/yaml-syntax", message, offset });

describe("tellingFaults()", () => {
  test("keeps the first fault of each line, in the given order", () => {
    const text = "a: b: c: d\nfine: 1\n\te: f\n";
    expect(tellingFaults([fault(19), fault(6), fault(3), fault(20)], text)).toEqual([fault(19), fault(6)]);
  });

  test("keeps every fault that is not of syntax", () => {
    const twice: Fault = { ...fault(3), code: "kubernetes/yaml-duplicate-key" };
    expect(tellingFaults([twice, twice], "a: 1\n")).toEqual([twice, twice]);
  });

  test("tells of a template only that it is one", () => {
    const text = "a: 1\nb: {{ .x }}\n  c: d\n";
    const told = tellingFaults([fault(18), fault(8)], text);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ offset: 8, hint: expect.stringContaining("helm template") });
  });

  test.each([
    ["Nested mappings are not allowed in compact mappings", "quotes"],
    ["Tabs are not allowed as indentation", "spaces"],
    ["Plain value cannot start with reserved character @", "quotes"],
  ])("says what to do about %j", (message, words) => {
    expect(tellingFaults([fault(0, message)], "x\n")[0]?.hint).toContain(words);
  });

  test("takes bounded time for a line with many faults", () => {
    const text = "x".repeat(1_000_000);
    const many = Array.from({ length: 100_000 }, (_, index) => fault(index * 10));
    expect(tellingFaults(many, text)).toHaveLength(1);
  });
});
