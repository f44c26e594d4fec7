import { describe, expect, test } from "bun:test";
import { completeWords, DIRECTIVE, renderCompletion } from "../../../src/terminal/completion/complete-words.ts";
import { SAMPLE } from "../sample-program.ts";

async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const { candidates, directive } = await completeWords(SAMPLE, words);
  return [...candidates.map(({ word }) => word), `:${directive}`];
}

describe("completeWords()", () => {
  test.each([
    [[""], ["make", "group", "shell", "help", ":4"]],
    [["m"], ["make", ":4"]],
    [
      ["group", ""],
      ["inner", "walk", ":4"],
    ],
    [
      ["--log-level", "debug", "gr"],
      ["group", ":4"],
    ],
    [["group", "walk", ""], [":16"]],
    [["unknown", ""], [":4"]],
    [["--v"], ["--version", ":4"]],
    [
      ["make", "--"],
      ["--kind", "--rules", "--key", "--no-keys", "--help", "--log-level", "--workspace-dir", ":4"],
    ],
    [
      ["make", "-"],
      [
        "--kind",
        "--rules",
        "-r",
        "--key",
        "-k",
        "--no-keys",
        "-n",
        "--help",
        "-h",
        "--log-level",
        "--workspace-dir",
        ":4",
      ],
    ],
    [
      ["make", "--kind", "big", "--k"],
      ["--key", ":4"],
    ],
    [
      ["make", "--key=a", "--k"],
      ["--kind", "--key", ":4"],
    ],
    [
      ["make", "--kind", ""],
      ["big", "bigger", ":4"],
    ],
    [
      ["make", "--kind", "BIGG"],
      ["bigger", ":4"],
    ],
    [
      ["make", "--kind=bigg"],
      ["--kind=bigger", ":4"],
    ],
    [
      ["make", "--no-keys=t"],
      ["--no-keys=true", ":4"],
    ],
    [
      ["make", "--rules", ""],
      ["rego", ":8"],
    ],
    [
      ["make", "-r", "x"],
      ["rego", ":8"],
    ],
    [
      ["make", "--rules=x"],
      ["rego", ":8"],
    ],
    [["make", "--key", ""], [":0"]],
    [["make", "--workspace-dir", ""], [":16"]],
    [["make", "--unknown=", "--unknown="], [":4"]],
    [
      ["make", ""],
      ["yml", "yaml", ":8"],
    ],
    [
      ["make", "-n", "x.yml", ""],
      ["yml", "yaml", ":8"],
    ],
    [
      ["make", "--", "-"],
      ["yml", "yaml", ":8"],
    ],
    [
      ["shell", ""],
      ["a", "b", ":4"],
    ],
    [
      ["shell", "--log-level", "debug", "a"],
      ["a", ":4"],
    ],
    [["shell", "a", ""], [":4"]],
    [
      ["help", "gro"],
      ["group", ":4"],
    ],
    [
      ["help", "group", ""],
      ["inner", "walk", ":4"],
    ],
    [["help", "make", ""], [":4"]],
    [[], ["make", "group", "shell", "help", ":4"]],
  ])("of %j are %j", async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });
});

describe("renderCompletion()", () => {
  test("puts the summary after a tab and the directive last", () => {
    const candidates = [
      { word: "a", summary: "First" },
      { word: "b", summary: "" },
    ];
    expect(renderCompletion({ candidates, directive: DIRECTIVE.noFiles })).toBe("a\tFirst\nb\n:4\n");
  });
});
