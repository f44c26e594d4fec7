import { describe, expect, test } from "bun:test";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { anchorLines } from "../../src/lib/anchor-lines.ts";
import { diffLines } from "../../src/lib/line-diff.ts";
import { unifiedDiff } from "../../src/lib/unified-diff.ts";
import { isReady } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const line = fc.constantFrom("a\n", "b\n", "c\n", "d\n", "\n");
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom("", "a", "end"))
  .map(([lines, end]) => lines.join("") + end);

describe("diffLines()", () => {
  test("removes and adds as few lines as possible", () => {
    const count = (before: string, after: string): number =>
      diffLines(before.split(""), after.split(""))
        .filter(({ kind }) => kind !== "same")
        .reduce((sum, run) => sum + run.count, 0);
    expect(count("abcabba", "cbabac")).toBe(5);
    expect(count("abc", "abc")).toBe(0);
    expect(count("", "abc")).toBe(3);
    expect(count("axbxc", "aybyc")).toBe(4);
  });

  test("gives up the smallest difference of very different texts, not the result", () => {
    const before = Array.from({ length: 3000 }, (_, index) => `old ${index}`);
    const after = Array.from({ length: 2000 }, (_, index) => `new ${index}`);
    expect(diffLines(["x", ...before, "y"], ["x", ...after, "y"]).map(({ kind, count }) => `${kind} ${count}`)).toEqual(
      ["same 1", "removed 3000", "added 2000", "same 1"],
    );
  });
});

describe("anchorLines()", () => {
  test("takes as many lines that stand once as keep their order", () => {
    const pairs = anchorLines("axbxcd".split(""), "dabxc".split(""));
    expect(pairs).toEqual([
      { old: 0, new: 1 },
      { old: 2, new: 2 },
      { old: 4, new: 4 },
    ]);
    expect(anchorLines(["a", "a"], ["a"])).toEqual([]);
  });

  test("finds few differences in large texts with many", () => {
    const before = Array.from({ length: 20_000 }, (_, index) =>
      index % 5 === 0 ? `name ${index}` : `line ${index % 5}`,
    );
    const after = before.map((line, index) => (index % 5 === 2 ? `other ${index}` : line));
    const started = performance.now();
    const removed = diffLines(before, after).filter(({ kind }) => kind === "removed");
    expect([removed.length, removed.every(({ count }) => count === 1)]).toEqual([4000, true]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("unifiedDiff()", () => {
  test("shows changes with three lines around them", () => {
    const before = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`);
    const after = before.with(4, "five\n").toSpliced(18, 1);
    expect(unifiedDiff(before.join(""), after.join(""))).toEqual([
      "@@ -2,7 +2,7 @@",
      " 2",
      " 3",
      " 4",
      "-5",
      "+five",
      " 6",
      " 7",
      " 8",
      "@@ -16,5 +16,4 @@",
      " 16",
      " 17",
      " 18",
      "-19",
      " 20",
    ]);
  });

  test("shows new files, and line feeds that are missing at the end", () => {
    expect(unifiedDiff(undefined, "a\nb")).toEqual(["@@ -0,0 +1,2 @@", "+a", "+b", "\\ No newline at end of file"]);
    expect(unifiedDiff("a", "a\n")).toEqual(["@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"]);
    expect(unifiedDiff("a\n", "a\n")).toEqual([]);
  });

  const hasPatch = isReady("unifiedDiff() with patch(1)", Bun.which("patch") !== null, "need patch");
  test.if(hasPatch)("writes what patch(1) makes the new text from", () => {
    const directory = temporaryDirectory();
    const path = (name: string): string => join(directory, name);
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = unifiedDiff(before, after);
        if (lines.length === 0) return before === after;
        writeFileSync(path("old"), before);
        writeFileSync(path("patch"), `--- old\n+++ old\n${lines.join("\n")}\n`);
        const outcome = spawnSync("patch", ["-s", "-f", "-o", path("new"), path("old"), path("patch")]);
        expect([outcome.status, outcome.stdout.toString()]).toEqual([0, ""]);
        return execFileSync("cat", [path("new")], { encoding: "utf8" }) === after;
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});
