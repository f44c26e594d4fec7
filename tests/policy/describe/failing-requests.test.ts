import { describe, expect, test } from "bun:test";
import { failingRequests } from "../../../src/policy/describe/failing-requests.ts";

describe("failingRequests()", () => {
  test.each([
    ["default AllowRequestsFailingPolicy := false", "refused"],
    ["default AllowRequestsFailingPolicy = false", "refused"],
    ["# AllowRequestsFailingPolicy := true", "refused"],
    ["", "refused"],
    ["default AllowRequestsFailingPolicy := true", "allowed"],
    ["AllowRequestsFailingPolicy:=true", "allowed"],
    ["default AllowRequestsFailingPolicy := false\nAllowRequestsFailingPolicy = true", "allowed"],
    ["AllowRequestsFailingPolicy { input.x }", "possible"],
    ["AllowRequestsFailingPolicy if input.x", "possible"],
    ["AllowRequestsFailingPolicy := 1 == 1", "possible"],
    ["AllowRequestsFailingPolicy", "possible"],
    ["x := `\n# ` AllowRequestsFailingPolicy := true", "allowed"],
    ['x := "\\"#" AllowRequestsFailingPolicy := true', "allowed"],
    ["AllowRequestsFailingPolicy := false { 1 == 2 } else = true", "possible"],
    ["AllowRequestsFailingPolicy := false # no\n{ 1 == 2 } else = true", "possible"],
    ["AllowRequestsFailingPolicy := false if { 1 == 2 } else := true", "possible"],
    ["AllowRequestsFailingPolicy := false == false", "possible"],
    ["AllowRequestsFailingPolicy { AllowRequestsFailingPolicy := false\nx }", "possible"],
    ["AllowRequestsFailingPolicy := false\nx := 1", "refused"],
    ['x := "AllowRequestsFailingPolicy"', "refused"],
  ] as const)("takes %j for %s", (text, verdict) => {
    expect(failingRequests(`package agent_policy\n${text}\n`, false)).toBe(verdict);
  });
  test("knows its own rules", () => {
    expect(failingRequests("AllowRequestsFailingPolicy := true", true)).toBe("refused");
  });
});
