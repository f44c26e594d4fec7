import { describe, expect, test } from "bun:test";
import { parseAllDocuments } from "yaml";
import { renderResources } from "../../src/resources/resource-yaml.ts";

describe("renderResources()", () => {
  test("writes each object as a document that reads back as it was", () => {
    const objects = [
      { kind: "A", spec: { "-1": "true", list: ["", { a: 1 }], script: "a; b # c: 'd' \"e\"" } },
      { kind: "B", metadata: { name: "no" } },
    ];
    const text = renderResources(objects);
    expect(parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS())).toEqual(objects);
    expect(text.endsWith("\n")).toBe(true);
  });

  test("writes nothing for no objects", () => {
    expect(renderResources([])).toBe("");
  });
});
