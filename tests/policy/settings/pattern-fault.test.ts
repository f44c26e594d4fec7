import { describe, expect, test } from "bun:test";
import { MAX_PATTERN_LENGTH, patternFault } from "../../../src/policy/settings/pattern-fault.ts";

describe("patternFault()", () => {
  test.each([
    "",
    "^$(cpath)/$(bundle-id)-[a-z0-9]{16}-",
    "^(?:0{0,4}:){0,7}0{0,3}1$",
    "(?i)ab*?|c+?",
    "(?P<name>x)(?s:.)",
    String.raw`^[a-zA-Z0-9_\.\-]+$`,
    String.raw`^cdi\.k8s\.io\/vfio[0-9]{2}$`,
    "[]a]",
    "[^]a]",
    "[[:alpha:][:^digit:]]",
    String.raw`\d\W\bx\z`,
    "a{3,}",
  ])("accepts %p", (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });
  test.each([
    ["look-ahead", "a(?=b)"],
    ["negative look-behind", "(?<!a)b"],
    ["back-reference", String.raw`(a)\1`],
    ["named back-reference", String.raw`(?<n>a)\k<n>`],
    ["JavaScript escape", String.raw`\u0041`],
    ["open group", "(a"],
    ["closed group", "a)"],
    ["open class", "[a"],
    ["quantifier without subject", "*a"],
    ["doubled quantifier", "a{2}{3}"],
    ["literal brace", "a{x}"],
    ["reversed bounds", "a{3,2}"],
    ["repetition above the limit", "a{1001}"],
    ["upper bound above the limit", "a{1,1001}"],
    ["intersection of classes", "[a&&b]"],
    ["symmetric difference of classes", "[a~~b]"],
    ["subtraction of classes", "[a--b]"],
    ["nested class", "[a[b]]"],
    ["trailing backslash", "a\\"],
  ])("refuses a %s", (_, pattern) => {
    expect(patternFault(pattern)).toBeDefined();
  });
  test("bounds the length", () => {
    expect(patternFault("a".repeat(MAX_PATTERN_LENGTH))).toBeUndefined();
    expect(patternFault("a".repeat(MAX_PATTERN_LENGTH + 1))).toBeDefined();
  });
});
