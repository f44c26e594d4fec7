import { describe, expect, test } from "bun:test";
import { splitPolicyText } from "../../src/rego/policy-text.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("splitPolicyText()", () => {
  test("takes the last data of a text, up to its end", () => {
    const text = 'package p\npolicy_data := {"a": 1}\n# more\npolicy_data := {"b": "\\npolicy_data := "}\n';
    expect(splitPolicyText(text)).toEqual({
      rulesText: 'package p\npolicy_data := {"a": 1}\n# more',
      dataText: '{"b": "\\npolicy_data := "}\n',
    });
  });

  test.each(["", "package p", "policy_data := {}", "x\n policy_data := {}", "x\npolicy_data = {}"])(
    "finds no data in %j",
    (text) => {
      expect(splitPolicyText(text)).toEqual({ rulesText: text, dataText: undefined });
    },
  );

  test("refuses texts that no guest would load", () => {
    const limit = 16 * 1024 * 1024;
    expect(splitPolicyText("x".repeat(limit)).rulesText).toHaveLength(limit);
    expect(codeOf(() => splitPolicyText("x".repeat(limit + 1)))).toBe("rego/policy-too-large");
  });
});
