import { EventEmitter } from "node:events";
import { describe, expect, test } from "bun:test";
import { Http2Answer } from "../../src/rpc/http2-answer.ts";

describe("Http2Answer", () => {
  test.each(["response", "trailers"])("fails where %s have a field that no header can hold", async (event) => {
    let closes = 0;
    const stream = Object.assign(new EventEmitter(), { closed: false, destroyed: false, close: () => closes++ });
    const outcome = new Http2Answer(stream as never, 1024).head.catch((error: unknown) => error);
    stream.emit(event, { ":status": 200, "x-split": "a\nb" });
    expect(closes).toBe(1);
    expect(await outcome).toBeInstanceOf(TypeError);
  });
});
