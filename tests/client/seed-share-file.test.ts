import { describe, expect, test } from "bun:test";
import { encodeSeedShares, parseSeedShares } from "../../src/client/seed-share-file.ts";
import { codeOf } from "../fakes/error-code.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SALT = Buffer.alloc(32, 9).toString("base64");

describe("encodeSeedShares()", () => {
  test("writes the document of the reference byte for byte", () => {
    const shares = [{ publicKeyHex: "3082", encryptedSeed: Uint8Array.of(1, 2, 3) }];
    expect(encodeSeedShares({ shares, salt: Uint8Array.of(0xaa, 0xbb) })).toBe(`{
  "SeedShares": [
    {
      "PublicKey": "3082",
      "EncryptedSeed": "AQID"
    }
  ],
  "salt": "qrs="
}`);
  });

  test("leaves empty members out", () => {
    expect(encodeSeedShares({ shares: [], salt: new Uint8Array() })).toBe("{}");
  });
});

describe("parseSeedShares()", () => {
  test("reads what it writes", () => {
    const document = {
      shares: [{ publicKeyHex: "3082", encryptedSeed: Uint8Array.of(1, 2, 3) }],
      salt: new Uint8Array(32).fill(9),
    };
    expect(parseSeedShares(bytes(encodeSeedShares(document)), "seed shares")).toMatchObject(document);
  });

  test("takes names of members in any letter case and ignores others", () => {
    const text = `{"seedshares":[{"publickey":"30","ENCRYPTEDSEED":"AQ==","more":1}],"Salt":"${SALT}","x":[]}`;
    const { shares, salt } = parseSeedShares(bytes(text), "seed shares");
    expect(shares).toMatchObject([{ publicKeyHex: "30", encryptedSeed: Uint8Array.of(1) }]);
    expect(salt.length).toBe(32);
  });

  test.each([
    ["no JSON", "{", "lib/json-invalid"],
    ["other bytes than UTF-8", "\u00ff", "lib/text-not-utf8"],
    ["trailing text", `{"salt":"${SALT}"}x`, "lib/json-invalid"],
    ["a salt of another length", '{"salt":"qrs="}', "client/seed-shares-invalid"],
    ["no salt", "{}", "client/seed-shares-invalid"],
    ["a share that is no object", `{"SeedShares":["x"],"salt":"${SALT}"}`, "lib/json-wrong-type"],
    ["a seed that is no base64", `{"SeedShares":[{"EncryptedSeed":"?"}],"salt":"${SALT}"}`, "lib/json-wrong-type"],
    ["a seed that is a number", `{"SeedShares":[{"EncryptedSeed":1}],"salt":"${SALT}"}`, "lib/json-wrong-type"],
    ["deep nesting", `{"x":${"[".repeat(20)}${"]".repeat(20)}}`, "lib/json-invalid"],
  ])("refuses %s", (_, text, code) => {
    const input = text === "\u00ff" ? Uint8Array.of(0xff) : bytes(text);
    expect(codeOf(() => parseSeedShares(input, "seed shares"))).toBe(code);
  });
});
