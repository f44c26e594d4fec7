import { describe, expect, test } from "bun:test";
import { parseNodeSelector } from "../../src/resources/node-selector.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseNodeSelector()", () => {
  test("reads labels, the last of a key wins", () => {
    expect(parseNodeSelector(["pool=a", "example.com/tee=snp", "empty=", "pool=b"])).toEqual({
      pool: "b",
      "example.com/tee": "snp",
      empty: "",
    });
  });

  test("has no label without words", () => {
    expect(parseNodeSelector([])).toEqual({});
  });

  test("does not mistake a name for something else", () => {
    expect(Object.keys(parseNodeSelector(["a=1", "constructor=x"]))).toEqual(["a", "constructor"]);
  });

  test.each([
    "pool",
    "=a",
    "a=b=c",
    "/a=b",
    "x/=b",
    "X.com/a=b",
    "a/b/c=d",
    "a=-b",
    "a =b",
    "a=b\n",
    `${"a".repeat(64)}=b`,
    `a=${"b".repeat(64)}`,
    `${"a".repeat(254)}/a=b`,
  ])("refuses %p", (word) => {
    expect(codeOf(() => parseNodeSelector([word]))).toBe("resources/node-selector-invalid");
  });
});
