import { describe, expect, test } from "bun:test";
import { lintInputs } from "../../../src/lint/facts/lint-input.ts";
import { LINT_OPTIONS } from "../../fakes/lint.ts";
import { objectsFrom } from "../../fakes/objects.ts";

const configMaps = (count: number) =>
  objectsFrom(
    Array.from({ length: count }, (_, index) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: c${index}}}`).join(
      "\n---\n",
    ),
  );

describe("lintInputs()", () => {
  test.each([
    [1, 1],
    [100, 1],
    [101, 2],
    [200, 2],
  ])("hands %d objects over in %d portions, for rules of others whole", (count, portions) => {
    const inputs = [...lintInputs(configMaps(count), LINT_OPTIONS, "all")];
    expect(inputs).toHaveLength(portions);
    const numbers = inputs.flatMap((input) =>
      (input as { objects: readonly { object: number }[] }).objects.map(({ object }) => object),
    );
    expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
  });
  test("hands nothing over where there is nothing to say", () => {
    expect([...lintInputs([], LINT_OPTIONS, "all")]).toEqual([]);
    expect([...lintInputs(configMaps(1), LINT_OPTIONS)]).toEqual([]);
  });
});
