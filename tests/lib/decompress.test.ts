import { describe, expect, test } from "bun:test";
import { collectBytes } from "../../src/lib/byte-stream.ts";
import { streamOf } from "../fakes/stream-of.ts";
import { type Compression, decompress } from "../../src/lib/decompress.ts";

const text = "some text ".repeat(1000);

async function read(bytes: Uint8Array, compression: Compression): Promise<string> {
  const stream = decompress(streamOf(bytes), compression);
  return new TextDecoder().decode(await collectBytes(stream, 1024 * 1024, () => new Error("too large")));
}

describe("decompress()", () => {
  test("reads all members of gzip, all frames of zstd, and passes plain bytes on", async () => {
    const bytes = new TextEncoder().encode(text);
    expect(await read(bytes, "none")).toBe(text);
    expect(await read(Buffer.concat([Bun.gzipSync(bytes), Bun.gzipSync(bytes)]), "gzip")).toBe(text + text);
    const frame = Bun.zstdCompressSync(bytes);
    expect(await read(Buffer.concat([frame, frame]), "zstd")).toBe(text + text);
  });

  test("ends the source when the reader stops", async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const source = (async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Bun.gzipSync(new Uint8Array(100_000));
      } finally {
        resolve();
      }
    })();
    const reading = collectBytes(decompress(source, "gzip"), 300_000, () => new Error("enough"));
    expect(reading).rejects.toThrow("enough");
    await ended;
  });
});
