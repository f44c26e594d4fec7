import { describe, expect, test } from "bun:test";
import { encodePem, parsePemBlock, parsePemBlocks } from "../../src/pki/pem-block.ts";
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
    "-----BEGIN KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQIDBA==\n-----END KEY-----\n",
    " -----BEGIN KEY-----\nAQIDBA==\n-----END KEY-----\n",
  ])("rejects %j", (text) => {
    expect(codeOf(() => parsePemBlock(text, "key"))).toBe("pki/pem-missing");
  });

  test("rejects a block that is not base64 as malformed", () => {
    const text = "-----BEGIN KEY-----\nAQIDBA\n-----END KEY-----\n";
    expect(codeOf(() => parsePemBlock(text, "key"))).toBe("pki/pem-invalid");
  });

  test("rejects a huge text without searching it", () => {
    expect(codeOf(() => parsePemBlock("-----BEGIN KEY-----\n".repeat(100_000), "key"))).toBe("pki/pem-missing");
  });
});

describe("parsePemBlocks()", () => {
  const block = (type: string, body = "AQID"): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;
  const outcome = (text: string, max = 3): string => codeOf(() => parsePemBlocks(text, "file", max));

  test("reads all blocks and ignores text around them", () => {
    const text = `note\n${block("A")}between -----\n${block("B", "BA==")}after`;
    expect(parsePemBlocks(text, "file", 2)).toEqual([
      { type: "A", der: Uint8Array.of(1, 2, 3) },
      { type: "B", der: Uint8Array.of(4) },
    ]);
  });

  test("needs a block", () => {
    expect(outcome("")).toBe("pki/pem-missing");
    expect(outcome("-----END A-----\n")).toBe("pki/pem-missing");
  });

  test.each([
    ["more blocks than allowed", block("A").repeat(4)],
    ["a block without end", `${block("A")}-----BEGIN A-----\nAQID\n`],
    ["a block with another end", `${block("A")}-----BEGIN A-----\nAQID\n-----END B-----\n`],
    ["a block with headers", block("A", "Proc-Type: 4,ENCRYPTED\n\nAQID")],
    ["a block that begins within a line", `${block("A")} ${block("A")}`],
    ["a block that is not base64", block("A", "AQIDB")],
    ["bits that base64 does not use", block("A", "AQJ=")],
    ["a block inside of a block", `-----BEGIN A-----\n${block("A")}`],
  ])("refuses %s", (_, text) => {
    expect(outcome(text)).toBe("pki/pem-invalid");
  });

  test("bounds the text, and does not search it twice", () => {
    expect(outcome("x".repeat(16 * 1024 * 1024 + 1))).toBe("pki/pem-invalid");
    const started = performance.now();
    for (const hostile of ["-----BEGIN A-----\n", "-----BEGIN A-----\nAAAA\n", "-----END A-----\n", "\n", "A"]) {
      outcome(hostile.repeat(200_000), 1_000_000);
      outcome(`-----BEGIN A-----\n${hostile.repeat(200_000)}`, 1_000_000);
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("encodePem()", () => {
  test("writes lines of 64 characters that read back", () => {
    for (const length of [0, 1, 47, 48, 49, 96, 1000]) {
      const der = new Uint8Array(length).fill(7);
      const text = encodePem("A KEY", der);
      expect(parsePemBlocks(text, "file", 1)).toEqual([{ type: "A KEY", der }]);
      expect(text.split("\n").every((line) => line.length <= 64)).toBe(true);
      expect(text).not.toContain("\n\n");
    }
  });
});
