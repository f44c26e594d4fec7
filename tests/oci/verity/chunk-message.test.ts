import { describe, expect, test } from "bun:test";
import { parseChunkJob, parseChunkResult } from "../../../src/oci/verity/chunk-message.ts";
import { codeOf } from "../../fakes/error-code.ts";

const buffer = new ArrayBuffer(8);
const digest = new Uint8Array(32);

describe("parseChunkJob()", () => {
  test("takes what a pool sends", () => {
    expect(parseChunkJob({ buffer, blockCount: 2 })).toEqual({ buffer, blockCount: 2 });
  });
  test.each([
    [null],
    ["x"],
    [{}],
    [{ buffer }],
    [{ blockCount: 2 }],
    [{ buffer, blockCount: "2" }],
    [{ buffer: digest, blockCount: 2 }],
  ])("refuses %p", (data) => {
    expect(codeOf(() => parseChunkJob(data))).toBe("lib/internal");
  });
});

describe("parseChunkResult()", () => {
  test("takes what a thread answers", () => {
    expect(parseChunkResult({ buffer, digest })).toEqual({ buffer, digest });
  });
  test.each([[undefined], [{ digest }], [{ buffer }], [{ buffer, digest: "00" }]])("refuses %p", (data) => {
    expect(codeOf(() => parseChunkResult(data))).toBe("lib/internal");
  });
});
