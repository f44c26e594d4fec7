import { describe, expect, test } from "bun:test";
import { originalPath, PatchedObject } from "../../src/generate/patched-object.ts";
import type { ValueMap } from "../../src/kubernetes/value.ts";
import { objectsFrom } from "../fakes/objects.ts";

describe("originalPath()", () => {
  const original = {
    spec: {
      list: [
        { name: "a", v: 1 },
        { name: "b", v: 2 },
      ],
      plain: [10, 20],
    },
  };
  const patched = { spec: { list: [{ name: "new" }, { name: "a", v: 1 }, { name: "b", v: 2 }], plain: [10, 20, 30] } };

  test.each([
    [
      ["spec", "list", 1, "v"],
      ["spec", "list", 0, "v"],
    ],
    [
      ["spec", "list", 2],
      ["spec", "list", 1],
    ],
    [
      ["spec", "list", 0, "v"],
      ["spec", "list"],
    ],
    [
      ["spec", "plain", 1],
      ["spec", "plain", 1],
    ],
    [
      ["spec", "plain", 2],
      ["spec", "plain"],
    ],
    [
      ["spec", "other", "x"],
      ["spec", "other", "x"],
    ],
    [[], []],
  ])("leads from %j to %j", (path, expected) => {
    expect(originalPath(patched, original, path)).toEqual(expected);
  });
});

describe("originalPath() of items with one name", () => {
  const mounts = [{ name: "tmp", at: "/a" }, { name: "data" }, { name: "tmp", at: "/b" }];

  test("tells them apart by their turn", () => {
    const patched = [{ name: "first" }, ...mounts, { name: "tmp", at: "/c" }];
    expect(originalPath(patched, mounts, [1, "at"])).toEqual([0, "at"]);
    expect(originalPath(patched, mounts, [3, "at"])).toEqual([2, "at"]);
    expect(originalPath(patched, mounts, [4, "at"])).toEqual([]);
  });
});

describe("PatchedObject", () => {
  const [source] = objectsFrom(
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      image: x\n",
  );

  test("finds moved containers where the user wrote them", () => {
    const value = {
      ...source!.value,
      spec: { containers: [{ name: "first" }, { name: "a", image: "y" }] },
    } as ValueMap;
    const object = new PatchedObject(source!, value);
    expect(object.locate(["spec", "containers", 1, "image"])).toMatchObject({ line: 7, column: 14, object: "Pod p" });
    expect(object.locate(["spec", "containers", 0, "image"])).toMatchObject({
      line: 6,
      column: 5,
      path: "spec.containers",
    });
  });
});
