import { describe, expect, test } from "bun:test";
import { parseRequests } from "../../src/policy/parse-requests.ts";
import { codeOf } from "../fakes/error-code.ts";

const one = { kind: "A", request: { x: 1 }, description: undefined };
const other = { kind: "B", request: {}, description: "why" };

describe("parseRequests()", () => {
  test.each([
    ["an object", '{"kind": "A", "request": {"x": 1}}', [one]],
    ["an object over several lines", '{"kind": "A",\n "request": {\n"x": 1}}\n', [one]],
    [
      "lines",
      '{"kind":"A","request":{"x":1}}\n\n{"kind":"B","request":{},"description":"why","allowed":true}\r\n',
      [one, other],
    ],
    ["an array", '[{"kind":"A","request":{"x":1}},{"description":"why","kind":"B","request":{}}]', [one, other]],
    ["lines of older agents", '["ep":"A",{"x":1}],\n\n["ep":"B",{}],\n', [one, { ...other, description: undefined }]],
    ["one line of an older agent", '["ep":"A",{"x":1}],', [one]],
  ])("reads %s", (_, text, expected) => {
    expect(parseRequests(text, "requests", undefined)).toEqual(expected);
  });

  test("takes bare requests for those of the given kind, and believes those that name their own", () => {
    const text = '{"x": 1}\n{"kind": "B", "request": {}, "description": "why"}\n{"kind": "K", "x": 2}';
    expect(parseRequests(text, "requests", "A")).toEqual([
      one,
      other,
      { kind: "A", request: { kind: "K", x: 2 }, description: undefined },
    ]);
  });

  test.each([
    "",
    "[]",
    "1",
    '"x"',
    "[1]",
    "null",
    "{}",
    '{"kind": 1, "request": {}}',
    '{"kind": "A", "request": []}',
    "{}\nx",
    "x\n{}",
    '{"a": {}',
  ])("refuses %j", (text) => {
    expect(codeOf(() => parseRequests(text, "requests", undefined))).toBe("policy/requests-invalid");
  });

  test("bounds depth, size and number", () => {
    const deep = `{"kind":"A","request":{"x":${"[".repeat(100)}${"]".repeat(100)}}}`;
    expect(codeOf(() => parseRequests(deep, "requests", undefined))).toBe("policy/requests-invalid");
    const many = '{"kind":"A","request":{}}\n'.repeat(100_001);
    expect(codeOf(() => parseRequests(many, "requests", undefined))).toBe("policy/requests-invalid");
  });

  test("names the line of a fault", () => {
    const call = (): unknown => parseRequests('{"kind":"A","request":{}}\n{"kind":"A"}', "requests", undefined);
    expect(call).toThrow("requests, line 2");
  });
});
