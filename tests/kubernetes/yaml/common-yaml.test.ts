import { describe, expect, test } from "bun:test";
import { readCommonYaml } from "../../../src/kubernetes/yaml/common-yaml.ts";
import { readStrictYaml } from "../../../src/kubernetes/yaml/strict-yaml.ts";
import { DOCUMENTS, SCALARS } from "../../fakes/yaml-samples.ts";
import { Choices, randomMap, YamlWriter } from "../../fakes/yaml-writer.ts";

const SEED = 20_260_303;

/** How many of the texts the fast reader takes; each must read as by the strict reader, positions included. */
function countEqual(texts: readonly string[]): number {
  return texts.filter((text) => {
    const fast = readCommonYaml(text, 0, text.length);
    if (fast !== undefined)
      expect({ text, node: fast }).toEqual({ text, node: readStrictYaml(text, 0, text.length) as never });
    return fast !== undefined;
  }).length;
}

/** The fast reader gets documents without their markers. */
function isSingle(text: string): boolean {
  return !/^(?:---|\.\.\.|%|\uFEFF)/m.test(text);
}

describe("readCommonYaml()", () => {
  test("reads small documents like the strict reader or not at all", () => {
    expect(countEqual(DOCUMENTS.map(({ text }) => text).filter(isSingle))).toBeGreaterThan(40);
  });

  test("reads scalars in every position like the strict reader or not at all", () => {
    const places = SCALARS.flatMap((text) => [
      `v: ${text}\n`,
      `- ${text}\n- b\n`,
      `a: [${text}, {b: ${text}}]\n`,
      `${text}: 1\n`,
    ]);
    expect(countEqual(places.filter(isSingle))).toBeGreaterThan(300);
  });

  test("reads generated documents like the strict reader or not at all", () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => {
      const choices = new Choices(SEED + index);
      return new YamlWriter(choices).document(randomMap(choices)).replace(/^---.*\r?\n/, "");
    });
    expect(countEqual(texts)).toBeGreaterThan(500);
  });

  test("reads truncated and mutated documents like the strict reader or not at all", () => {
    const choices = new Choices(SEED);
    const text = "a: 1\nb:\n  - name: x\n    v: {c: [1, 'd'], e: \"f\"}\n  - |\n    g\n\n   # h\nc: # i\n- j\n";
    const texts = Array.from(text, (_, index) => text.slice(0, index));
    for (let count = 0; count < 3_000; count++) {
      const at = choices.below(text.length);
      texts.push(
        text.slice(0, at) + choices.oneOf(Array.from(" \n\t:-#'\"[]{},|>&*!?a1")) + text.slice(at + choices.below(3)),
      );
    }
    const accepted = texts
      .filter(isSingle)
      .filter((candidate) => readCommonYaml(candidate, 0, candidate.length) !== undefined);
    expect(accepted.length).toBeGreaterThan(200);
    countEqual(accepted);
  });

  test("leaves deep nesting to the strict reader", () => {
    expect(readCommonYaml("- ".repeat(100), 0, 200)).toBeUndefined();
    expect(readCommonYaml("[".repeat(100_000), 0, 100_000)).toBeUndefined();
  });
});
