import { describe, expect, test } from "bun:test";
import { applyPatchOperation, type JsonPatchOperation, PatchMismatch } from "../../src/policy/json-patch.ts";

const document = { list: [1, 2, 3], map: { "a/b": { "m~n": "x" } } };

describe("applyPatchOperation()", () => {
  test.each<[string, JsonPatchOperation, unknown]>([
    ["inserts into a list", { op: "add", path: "/list/1", value: 9 }, { ...document, list: [1, 9, 2, 3] }],
    ["appends to a list", { op: "add", path: "/list/-", value: 9 }, { ...document, list: [1, 2, 3, 9] }],
    ["sets a member", { op: "add", path: "/new", value: null }, { ...document, new: null }],
    [
      "unescapes keys",
      { op: "replace", path: "/map/a~1b/m~0n", value: "y" },
      { ...document, map: { "a/b": { "m~n": "y" } } },
    ],
    ["removes an element", { op: "remove", path: "/list/0" }, { ...document, list: [2, 3] }],
    ["removes a member", { op: "remove", path: "/list" }, { map: document.map }],
    ["moves", { op: "move", from: "/list/0", path: "/map/one" }, { list: [2, 3], map: { ...document.map, one: 1 } }],
    ["copies", { op: "copy", from: "/list/0", path: "/one" }, { ...document, one: 1 }],
    ["replaces the whole document", { op: "replace", path: "", value: 1 }, 1],
    ["leaves the document alone when a test holds", { op: "test", path: "/list", value: [1, 2, 3] }, document],
  ])("%s", (_, operation, expected) => {
    const before = structuredClone(document);
    expect(applyPatchOperation(document, operation)).toEqual(expected as never);
    expect(document).toEqual(before);
  });
  test.each<[string, JsonPatchOperation]>([
    ["a path that is no pointer", { op: "add", path: "list", value: 1 }],
    ["a missing parent", { op: "add", path: "/none/x", value: 1 }],
    ["a missing member", { op: "remove", path: "/none" }],
    ["a member that only the prototype has", { op: "remove", path: "/toString" }],
    ["an index behind the end", { op: "add", path: "/list/4", value: 1 }],
    ["an index with leading zero", { op: "replace", path: "/list/01", value: 1 }],
    ["removal of the element behind the last", { op: "remove", path: "/list/-" }],
    ["a path through a text", { op: "add", path: "/map/a~1b/m~0n/x", value: 1 }],
    ["a test that fails", { op: "test", path: "/list/0", value: "1" }],
  ])("refuses %s", (_, operation) => {
    expect(() => applyPatchOperation(document, operation)).toThrow(PatchMismatch);
  });
});
