import { describe, expect, test } from "bun:test";
import { MovedPlaces } from "../../../src/kubernetes/edit/moved-places.ts";
import { applyPatches, type TextPatch } from "../../../src/kubernetes/edit/text-patch.ts";
import { YamlStream } from "../../../src/kubernetes/yaml-stream.ts";
import { Choices } from "../../fakes/yaml-writer.ts";

const SEED = 20_261_123;

const streamOf = (text: string): YamlStream => new YamlStream(text, "a.yaml", () => {});

function movedPlaces(text: string, patches: readonly TextPatch[]): MovedPlaces {
  const places = new MovedPlaces(streamOf(text));
  for (const patch of patches) places.add(patch);
  return places;
}

describe("MovedPlaces", () => {
  test("leaves places where nothing is patched", () => {
    expect(movedPlaces("a: 1\nb: 2\n", []).moved({ line: 2, column: 4 })).toEqual({
      line: 2,
      column: 4,
      isReplaced: false,
    });
  });

  test("moves lines behind new ones, and columns in the line of a patch only", () => {
    const text = "a: [x, y]\nb: 2\n";
    const places = movedPlaces(text, [
      { start: 4, end: 5, pieces: ["😀", "zz"] },
      { start: 9, end: 9, pieces: ["\nk: 1", "\nl: 2"] },
    ]);
    expect(places.moved({ line: 1, column: 4 })).toEqual({ line: 1, column: 4, isReplaced: false });
    expect(places.moved({ line: 1, column: 8 })).toEqual({ line: 1, column: 10, isReplaced: false });
    expect(places.moved({ line: 2, column: 4 })).toEqual({ line: 4, column: 4, isReplaced: false });
  });

  test("knows what was replaced, and where its successor begins", () => {
    const places = movedPlaces("a: long\nb: 2\n", [
      { start: 0, end: 0, pieces: ["# c\n"] },
      { start: 3, end: 7, pieces: ["1"] },
    ]);
    expect(places.moved({ line: 1, column: 3 })).toEqual({ line: 2, column: 3, isReplaced: false });
    for (const column of [4, 5, 7]) {
      expect(places.moved({ line: 1, column })).toEqual({ line: 2, column: 4, isReplaced: true });
    }
    expect(places.moved({ line: 1, column: 8 })).toEqual({ line: 2, column: 5, isReplaced: false });
  });

  test("agrees with the position of every kept character after random patches", () => {
    for (let seed = SEED; seed < SEED + 300; seed++) {
      const choices = new Choices(seed);
      const alphabet = ["a", "\n", "é", "😀", "-"];
      const word = (most: number): string =>
        Array.from({ length: choices.below(most) }, () => alphabet[choices.below(alphabet.length)]).join("");
      const text = word(60);
      const patches: TextPatch[] = [];
      for (let at = 0; ;) {
        const start = boundary(text, at + choices.below(9));
        const end = boundary(text, start + choices.below(4));
        if (end > text.length) break;
        patches.push({ start, end, pieces: [word(6), word(4)] });
        at = end + 1;
      }
      const after = streamOf(applyPatches(text, 0, text.length, patches)?.pieces.join("") ?? "");
      const before = streamOf(text);
      const places = movedPlaces(text, patches);
      for (let offset = 0; offset < text.length; offset++) {
        if (boundary(text, offset) !== offset) continue;
        const gone = patches.find(({ start, end }) => start <= offset && offset < end);
        const until = gone?.start ?? offset;
        const shift = patches
          .filter((patch) => patch !== gone && patch.end <= until)
          .reduce((sum, { start, end, pieces }) => sum + pieces.join("").length - (end - start), 0);
        expect([seed, offset, places.moved(before.position(offset))]).toEqual([
          seed,
          offset,
          { ...after.position(until + shift), isReplaced: gone !== undefined },
        ]);
      }
    }
  });
});

/** The next offset that is not inside a character of two units. */
function boundary(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code <= 0xdfff ? offset + 1 : offset;
}
