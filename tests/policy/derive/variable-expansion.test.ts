import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { expandLikeKubelet } from "../../../src/policy/self-check/kubelet-environment.ts";
import { sealTokens } from "../../../src/policy/derive/token.ts";
import { expandVariables } from "../../../src/policy/derive/variable-expansion.ts";

const VARIABLES = new Map([
  ["A", "a"],
  ["REF", "$(A)"],
  ["MONEY", "$$ $&"],
  ["", "empty"],
]);

describe("expandVariables()", () => {
  test.each([
    ["$(A)", "a"],
    ["x$(A)y$(A)", "xaya"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$a"],
    ["$$$$(A)", "$$(A)"],
    ["$(REF)", "$(A)"],
    ["$(MONEY)", "$$ $&"],
    ["$(UNKNOWN)", "$(UNKNOWN)"],
    ["$(A", "$(A"],
    ["$A ${A} $", "$A ${A} $"],
    ["$()", "empty"],
    ["$($(A))", "$($(A))"],
  ])("turns %p into %p", (text, expected) => {
    expect(expandVariables(text, VARIABLES).text).toBe(expected);
  });
  test("names the references that nothing defines", () => {
    expect(expandVariables("$(X) $(A) $(Y) $$(Z)", VARIABLES).undefinedNames).toEqual(["X", "Y"]);
  });
  test("knows the variables of the API server, which the pod may replace", () => {
    const expand = (text: string, own: ReadonlyMap<string, string>) => {
      const { text: open, undefinedNames } = expandVariables(text, own);
      return { text: sealTokens(open), undefinedNames };
    };
    const text = "$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT) $(KUBERNETES_PORT)";
    expect(expand(text, new Map([["KUBERNETES_SERVICE_PORT", "6443"]]))).toEqual({
      text: "$(pod-ip):6443 tcp://$(pod-ip):$(resource-field)",
      undefinedNames: [],
    });
  });
  test("does not take commands of a shell for references", () => {
    expect(expandVariables("$(cat /x) $(hostname) $(SVC_SERVICE_HOST)", VARIABLES)).toEqual({
      text: "$(cat /x) $(hostname) $(SVC_SERVICE_HOST)",
      undefinedNames: ["SVC_SERVICE_HOST"],
    });
  });
  test("agrees with the kubelet as the self-check models it", () => {
    const text = fc
      .array(fc.constantFrom("$", "(", ")", "A", "REF", "x", "$(", "$$"), { maxLength: 12 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (value) => {
        expect(expandVariables(value, VARIABLES).text).toBe(expandLikeKubelet(value, (name) => VARIABLES.get(name)));
      }),
      { seed: 20_250_601, numRuns: 2000 },
    );
  });
});
