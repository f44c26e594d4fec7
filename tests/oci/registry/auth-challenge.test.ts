import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ContrastError } from "../../../src/lib/errors.ts";
import { parseAuthChallenges } from "../../../src/oci/registry/auth-challenge.ts";
import { codeOf } from "../../fakes/error-code.ts";

function parsed(header: string): [string, Record<string, string>][] {
  return parseAuthChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

const TOKEN = 'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull"';

describe("parseAuthChallenges()", () => {
  test.each<[string, [string, Record<string, string>][]]>([
    [
      TOKEN,
      [["bearer", { realm: "https://auth.example/token", service: "registry.example", scope: "repository:a/b:pull" }]],
    ],
    ['Basic realm="a, b=c"', [["basic", { realm: "a, b=c" }]]],
    ['BASIC Realm = plain , charset="UTF-8"', [["basic", { realm: "plain", charset: "UTF-8" }]]],
    [
      'Basic realm="x", Bearer realm="y",scope="z"',
      [
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y", scope: "z" }],
      ],
    ],
    ["Negotiate", [["negotiate", {}]]],
    [
      'Negotiate YII+/b==, Basic realm="x"',
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
      ],
    ],
    ['Bearer realm="a\\"b\\\\c"', [["bearer", { realm: 'a"b\\c' }]]],
    [' , Basic realm="", ', [["basic", { realm: "" }]]],
    ["", []],
  ])("reads %j", (header, challenges) => {
    expect(parsed(header)).toEqual(challenges);
  });

  test.each([
    ['Bearer realm="open'],
    ['Bearer service="a",realm='],
    ['Bearer realm="a" service="b"'],
    ['Bearer realm="a",realm="b"'],
    ['="a"'],
    ['"Bearer"'],
    ["Bearer\u0000"],
    ['Bearer realm="a"x'],
    [`Bearer realm="${"a".repeat(9000)}"`],
  ])("rejects %j", (header) => {
    expect(codeOf(() => parseAuthChallenges(header))).toBe("oci/registry-answer-invalid");
  });

  test("answers every text with challenges or its own error", () => {
    const piece = fc.constantFrom("Bearer", "Basic", " ", ",", "=", '"', "\\", "realm", "a", "=", "é", "\t", "\u0000");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
        try {
          expect(parseAuthChallenges(pieces.join(""))).toBeArray();
        } catch (error) {
          expect(error).toBeInstanceOf(ContrastError);
        }
      }),
      { seed: 13, numRuns: 5000 },
    );
  });

  test("reads a header cut at any character as less or not at all", () => {
    for (let length = 0; length < TOKEN.length; length++) {
      const code = codeOf(() => parsed(TOKEN.slice(0, length)));
      expect(["oci/registry-answer-invalid", "no error, returned object"]).toContain(code);
    }
  });
});
