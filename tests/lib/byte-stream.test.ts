import { describe, expect, test } from "bun:test";
import { collectBytes, joinBytes } from "../../src/lib/byte-stream.ts";
import { streamOf } from "../fakes/stream-of.ts";

describe("joinBytes()", () => {
  test("copies the pieces one behind the other", () => {
    const piece = Uint8Array.of(1, 2);
    const joined = joinBytes([piece, new Uint8Array(0), Uint8Array.of(3)]);
    piece[0] = 9;
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("collectBytes()", () => {
  test("takes as much as allowed and not a byte more", async () => {
    const tooLarge = (): Error => new Error("too large");
    expect(await collectBytes(streamOf(new Uint8Array(3)), 3, tooLarge)).toHaveLength(3);
    expect(collectBytes(streamOf(new Uint8Array(4)), 3, tooLarge)).rejects.toThrow("too large");
  });
});
