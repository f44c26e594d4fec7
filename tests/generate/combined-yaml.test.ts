import { describe, expect, test } from "bun:test";
import { combinedYaml } from "../../src/generate/combined-yaml.ts";

async function combine(...streams: readonly (readonly string[])[]): Promise<string> {
  const chunks = streams.map(async function* (parts) {
    yield* parts;
  });
  return (await Array.fromAsync(combinedYaml(chunks))).join("");
}

describe("combinedYaml()", () => {
  test("separates streams that bring no marker of their own", async () => {
    expect(await combine(["a: 1\n"], ["b: 2\n"])).toBe("---\na: 1\n---\nb: 2\n");
  });

  test("adds no second marker, also behind comments", async () => {
    expect(await combine(["---\na: 1\n"], ["# note\n\n---\nb: 2\n"])).toBe("---\na: 1\n# note\n\n---\nb: 2\n");
  });

  test("does not take text that begins with dashes for a marker", async () => {
    expect(await combine(["---a: 1\n"])).toBe("---\n---a: 1\n");
  });

  test("ends a stream that lacks its last newline", async () => {
    expect(await combine(["a: ", "1"], ["b: 2"])).toBe("---\na: 1\n---\nb: 2\n");
  });

  test("ends the document before directives", async () => {
    expect(await combine(["%YAML 1.1\n---\na: 1\n"], ["%YAML 1.1\n---\nb: 2\n"])).toBe(
      "%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n",
    );
  });

  test("drops byte-order marks and empty streams", async () => {
    expect(await combine(["\uFEFFa: 1\n"], [], ["", ""], ["\uFEFF---\nb: 2\n"])).toBe("---\na: 1\n---\nb: 2\n");
  });
});
