import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { rootOfChunks } from "../../../src/oci/verity/hash-chunk.ts";

const digestsOf = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, index) => createHash("sha256").update(String(index)).digest());

/** One hash block, written out: the salt, the digests, zeros. */
const hashBlock = (digests: readonly Uint8Array[]): Uint8Array =>
  createHash("sha256")
    .update(new Uint8Array(32))
    .update(Buffer.concat([...digests, new Uint8Array(4096 - 32 * digests.length)]))
    .digest();

describe("rootOfChunks()", () => {
  test("is the only chunk", () => {
    const [only] = digestsOf(1);
    expect(rootOfChunks(digestsOf(1))).toEqual(only!);
  });
  test.each([2, 127, 128])("is one hash block above %d chunks", (count) => {
    expect(rootOfChunks(digestsOf(count)).toHex()).toBe(hashBlock(digestsOf(count)).toHex());
  });
  test.each([129, 256])("has a level more above %d chunks", (count) => {
    const [first, second] = [digestsOf(count).slice(0, 128), digestsOf(count).slice(128)];
    expect(rootOfChunks(digestsOf(count)).toHex()).toBe(hashBlock([hashBlock(first), hashBlock(second)]).toHex());
  });
});
