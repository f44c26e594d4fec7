import { describe, expect, test } from "bun:test";
import { parseForwardedName, parseNamespace } from "../../src/resources/object-name.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseNamespace()", () => {
  test.each(["a", "shop", "kube-system", "0", "a".repeat(63)])("takes %s", (name) => {
    expect(parseNamespace(name)).toBe(name);
  });

  test("has none for an empty text", () => {
    expect(parseNamespace("")).toBeUndefined();
  });

  test.each(["a".repeat(64), "Shop", "-a", "a-", "a.b", "a_b", "a b", "a\n", "ä", "{x: y}"])("refuses %p", (name) => {
    expect(codeOf(() => parseNamespace(name))).toBe("resources/name-invalid");
  });
});

describe("parseForwardedName()", () => {
  test("takes a name that fits into the label of the port-forwarder", () => {
    expect(parseForwardedName("a".repeat(48))).toHaveLength(48);
  });

  test.each(["", "a".repeat(49), "Web", "web\n"])("refuses %p", (name) => {
    expect(codeOf(() => parseForwardedName(name))).toBe("resources/name-invalid");
  });

  test.each([
    ["a".repeat(49), true],
    ["Web", false],
    ["W".repeat(49), false],
  ])("says of %p how long it may be: %p", (name, isTooLong) => {
    let told = "";
    try {
      parseForwardedName(name);
    } catch (error) {
      told = String(error);
    }
    expect(told).toContain("Service");
    expect(told.includes("at most 48")).toBe(isTooLong);
  });
});
