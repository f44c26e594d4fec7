import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { objectMembers } from "../../../src/attestation/tdx/json-members.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { parseSignedJson } from "../../../src/attestation/tdx/signed-json.ts";
import { codeOf } from "../../fakes/error-code.ts";

const SIGNATURE = "ab".repeat(64);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): ReturnType<typeof parseSignedJson> => parseSignedJson(bytes(text), "tcbInfo", "TCB info");
const signedTextOf = (text: string): string => new TextDecoder().decode(parse(text).signedBytes);

describe("parseSignedJson()", () => {
  test.each([
    ["plain", '{"a":1}'],
    ["with white space inside", '{ "a" : [ 1 , { } ] }'],
    ["with braces and quotation marks in strings", String.raw`{"a":"}\"{]\\","b":"\\"}`],
    ["with keys like the outer ones", '{"signature":"x","tcbInfo":{"tcbInfo":1}}'],
    ["with characters beyond ASCII", '{"a":"ü€😀"}'],
    ["empty", "{}"],
  ])("cuts out the signed bytes as they are: %s", (_, inner) => {
    expect(signedTextOf(`{"tcbInfo":${inner},"signature":"${SIGNATURE}"}`)).toBe(inner);
    expect(signedTextOf(` {\n"signature" : "${SIGNATURE}" ,\t"tcbInfo" : ${inner}\r\n} `)).toBe(inner);
    expect(parse(`{"x":[{"tcbInfo":1}],"tcbInfo":${inner},"signature":"${SIGNATURE}"}`).signature.length).toBe(64);
  });

  test.each([
    ["text behind", `{"tcbInfo":{},"signature":"${SIGNATURE}"}x`],
    ["a second object behind", `{"tcbInfo":{},"signature":"${SIGNATURE}"}{}`],
    ["no object", `["tcbInfo",{},"signature","${SIGNATURE}"]`],
    ["no document", `{"signature":"${SIGNATURE}"}`],
    ["no signature", '{"tcbInfo":{}}'],
    ["a short signature", '{"tcbInfo":{},"signature":"ab"}'],
    ["a signature that is no string", '{"tcbInfo":{},"signature":1}'],
    ["a signature with escapes", `{"tcbInfo":{},"signature":"\\u0061b${SIGNATURE.slice(2)}"}`],
    ["the document twice", `{"tcbInfo":{},"tcbInfo":{},"signature":"${SIGNATURE}"}`],
    ["the document twice, once with an escape", `{"tcbInfo":{},"tcb\\u0049nfo":{},"signature":"${SIGNATURE}"}`],
    ["the signature twice", `{"tcbInfo":{},"signature":"${SIGNATURE}","signature":"${SIGNATURE}"}`],
    ["a key twice inside", `{"tcbInfo":{"a":[{"b":1,"b":2}]},"signature":"${SIGNATURE}"}`],
    ["a key twice inside, with an escape", `{"tcbInfo":{"a":1,"\\u0061":2},"signature":"${SIGNATURE}"}`],
    ["a byte order mark", `\ufeff{"tcbInfo":{},"signature":"${SIGNATURE}"}`],
    ["a trailing comma", `{"tcbInfo":{},"signature":"${SIGNATURE}",}`],
    ["too many levels", `{"tcbInfo":${"[".repeat(20)}${"]".repeat(20)},"signature":"${SIGNATURE}"}`],
    ["too many bytes in few characters", `{"tcbInfo":{"a":"${"ü".repeat(524_288)}"},"signature":"${SIGNATURE}"}`],
    ["too many bytes", `{"tcbInfo":{},"signature":"${SIGNATURE}"}${" ".repeat(1024 * 1024)}`],
  ])("refuses %s", (_, text) => {
    expect(codeOf(() => parse(text))).toBe("tdx/collateral-invalid");
  });

  test("refuses what is not UTF-8", () => {
    const text = bytes(`{"tcbInfo":{"a":"?"},"signature":"${SIGNATURE}"}`);
    text[text.indexOf(0x3f)] = 0xff;
    expect(codeOf(() => parseSignedJson(text, "tcbInfo", "TCB info"))).toBe("tdx/collateral-invalid");
  });

  test("refuses every text that is cut off", () => {
    const whole = `{"tcbInfo":{"a":"\\"}"},"signature":"${SIGNATURE}"}`;
    for (let length = 0; length < whole.length; length++) {
      expect(codeOf(() => parse(whole.slice(0, length)))).toBe("tdx/collateral-invalid");
    }
  });
});

describe("objectMembers()", () => {
  test("finds in any object what the parser finds", () => {
    const spaced = fc.tuple(
      fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 })),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(spaced, ([value, indent]) => {
        const text = JSON.stringify(value, undefined, indent);
        const members = [...objectMembers(text, JSON.parse(text) as JsonObject)].map(
          ([key, { begin, end }]) => [key, JSON.parse(text.slice(begin, end))] as const,
        );
        expect(members).toEqual(
          Object.entries(JSON.parse(text) as object)
            .filter(([key]) => key !== "")
            .toSorted(byText(members)),
        );
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

/** The parser puts keys that look like numbers first; the text has them where they were written. */
function byText(
  members: readonly (readonly [string, unknown])[],
): (a: [string, unknown], b: [string, unknown]) => number {
  const position = (key: string): number => members.findIndex(([name]) => name === key);
  return ([a], [b]) => position(a) - position(b);
}
