import { describe, expect, test } from "bun:test";
import { parseFindings } from "../../src/lint/parse-findings.ts";
import { codeOf } from "../fakes/error-code.ts";
import { objectsFrom } from "../fakes/objects.ts";

const objects = objectsFrom(
  "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{image: x}]}}}}",
);
const USERS = { label: "rules file", isOwn: false };
const OWN = { label: "rules", isOwn: true };
const finding = { rule: "x-team", severity: "warning", object: 0, path: ["metadata"], message: "text" };

const parse = (change: object) => parseFindings([{ ...finding, ...change }], objects, USERS);

describe("parseFindings()", () => {
  test("reads findings of users", () => {
    expect(
      parse({ path: ["$pod", "containers", 0, "image"], message: ["got ", ["a\n"], ""], hint: "h" }),
    ).toMatchObject([
      {
        rule: "x-team",
        severity: "warning",
        message: 'got "a\\n"',
        hint: "h",
        path: ["spec", "template", "spec", "containers", 0, "image"],
        place: { file: "test.yaml", line: 1, path: "spec.template.spec.containers[0].image" },
        fix: [],
      },
    ]);
    expect(parse({ path: ["$template", "labels"] })[0]?.path).toEqual(["spec", "template", "metadata", "labels"]);
    expect(parseFindings(undefined, objects, USERS)).toEqual([]);
    expect(parseFindings([], objects, USERS)).toEqual([]);
  });

  test("takes severity and hint of own findings from the catalogue", () => {
    const own = { rule: "privileged", object: 0, path: [], message: "text" };
    const [found] = parseFindings([own], objects, OWN);
    expect(found?.severity).toBe("warning");
    expect(found?.hint).toBe("Name the capabilities that the container needs instead.");
    expect(codeOf(() => parseFindings([{ ...own, rule: "no-such-rule" }], objects, OWN))).toBe("lint/result-invalid");
  });

  test("quotes and cuts text of the user", () => {
    const [found] = parse({ message: [["x".repeat(1000)]] });
    expect(found?.message).toHaveLength(163);
  });

  test.each([
    ["a name of another kind", { rule: "team" }],
    ["the name of an own rule", { rule: "privileged" }],
    ["an endless name", { rule: `x-${"a".repeat(64)}` }],
    ["no severity", { severity: undefined }],
    ["an unknown severity", { severity: "fatal" }],
    ["an object that does not exist", { object: 1 }],
    ["a negative object", { object: -1 }],
    ["an object by name", { object: "web" }],
    ["no path", { path: undefined }],
    ["a path of text", { path: "metadata" }],
    ["a path with fractions", { path: [0.5] }],
    ["an endless path", { path: Array.from({ length: 65 }, () => "a") }],
    ["no message", { message: undefined }],
    ["a message of numbers", { message: [1] }],
    ["a part of two texts", { message: [["a", "b"]] }],
    ["an endless message", { message: "x".repeat(2001) }],
    ["endless parts", { message: Array.from({ length: 65 }, () => "a") }],
    ["a repair", { fix: [{ path: ["metadata"], value: "x" }] }],
    ["a member of another name", { sevrity: "error" }],
  ])("refuses %s", (_title, change) => {
    expect(codeOf(() => parse(change))).toBe("lint/result-invalid");
  });

  test.each([["text"], [1], [{ a: 1 }], [true], [[1]], [[null]], [[[]]]])(
    "refuses %j in place of findings",
    (value) => {
      expect(codeOf(() => parseFindings(value, objects, USERS))).toBe("lint/result-invalid");
    },
  );

  test("refuses more findings than anybody reads", () => {
    expect(
      codeOf(() =>
        parseFindings(
          Array.from({ length: 20_001 }, () => finding),
          objects,
          USERS,
        ),
      ),
    ).toBe("lint/result-invalid");
  });
});
