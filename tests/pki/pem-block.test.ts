import { describe, expect, test } from "bun:test";
import { parsePemBlock } from "../../src/pki/pem-block.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parsePemBlock()", () => {
  test("reads the first block and ignores text around it", () => {
    const text =
      "note\n-----BEGIN A KEY-----\nAQID\nBA==\n-----END A KEY-----\n-----BEGIN B-----\nAA==\n-----END B-----\n";
    expect(parsePemBlock(text, "key")).toEqual({ type: "A KEY", der: Uint8Array.of(1, 2, 3, 4) });
  });

  test("accepts Windows line ends and a missing last newline", () => {
    const text = "-----BEGIN KEY-----\r\nAQIDBA==\r\n-----END KEY-----";
    expect(parsePemBlock(text, "key").der).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  test.each([
    "",
    "no key",
    "-----BEGIN KEY-----\nAQIDBA==\n",
    "-----BEGIN KEY-----\nAQIDBA==\n-----END OTHER-----\n",
    "-----BEGIN KEY-----\nAQIDBA\n-----END KEY-----\n",
    "-----BEGIN KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQIDBA==\n-----END KEY-----\n",
    " -----BEGIN KEY-----\nAQIDBA==\n-----END KEY-----\n",
  ])("rejects %j", (text) => {
    expect(codeOf(() => parsePemBlock(text, "key"))).toBe("pki/pem-missing");
  });

  test("rejects a huge text without searching it", () => {
    expect(codeOf(() => parsePemBlock("-----BEGIN KEY-----\n".repeat(100_000), "key"))).toBe("pki/pem-missing");
  });
});
