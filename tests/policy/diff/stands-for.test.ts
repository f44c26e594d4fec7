import { describe, expect, test } from "bun:test";
import { standsFor } from "../../../src/policy/diff/stands-for.ts";

describe("standsFor()", () => {
  test.each([
    ["$(host-name)", "web-1"],
    ["--name=$(sandbox-name)", "--name=web-0"],
    ["$(pod-ip):$(resource-field)", "10.0.0.1:80"],
    ["$(pod-ip)", "fe80::1"],
    ["$(pod-uid)", "01234567-89ab-cdef-0123-456789abcdef"],
    ["a.b(c)*", "a.b(c)*"],
  ])("knows that %s stands for %s", (pattern, text) => {
    expect(standsFor(pattern, text)).toBe(true);
  });

  test.each([
    ["$(host-name)", "--verbose"],
    ["$(host-name)", "a\nb"],
    ["--name=$(sandbox-name)", "--verbose"],
    ["$(pod-ip)", "evil"],
    ["$(pod-uid)", "web"],
    ["$(resource-field)", "1x"],
    ["$(unknown)", "a"],
    ["^$(cpath)/a$", "/a"],
    ["^a.*$", "abc"],
    ["a.c", "abc"],
    ["$(host-name)".repeat(3), "abc"],
    ["$(host-name)".repeat(2), `${"a".repeat(500)}!`],
    ["$(host-name)", "a".repeat(5000)],
  ])("takes nothing for granted between %s and a text", (pattern, text) => {
    expect(standsFor(pattern, text)).toBe(false);
  });
});
