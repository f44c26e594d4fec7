import { describe, expect, test } from "bun:test";
import { ContrastError } from "../../../src/lib/errors.ts";
import type { HttpResponse } from "../../../src/lib/http-client.ts";
import { resumedStream } from "../../../src/oci/registry/resumed-stream.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";

const MIB = 1024 * 1024;
const CONTENT = Uint8Array.from({ length: 4 * MIB }, (_, index) => index % 251);

/** An answer with the bytes from one position up to another, where the connection breaks unless it is the end. */
function answer(
  from: number,
  to: number,
  status = 206,
  code: "lib/network-timeout" | "oci/unauthorised" = "lib/network-timeout",
): HttpResponse {
  const body = (async function* (): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; at += 300_000) yield CONTENT.subarray(at, Math.min(to, at + 300_000));
    if (to < CONTENT.length) throw new ContrastError(code, "the connection broke");
  })();
  return { status, headers: new Headers(), body, discard: async () => {} };
}

async function read(first: HttpResponse, reopen: (fromByte: number) => HttpResponse): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of resumedStream(first, async (fromByte) => reopen(fromByte))) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("resumedStream()", () => {
  test("asks for what is missing, as often as a connection brings enough", async () => {
    const asked: number[] = [];
    const bytes = await read(answer(0, 1.5 * MIB, 200), (fromByte) => {
      asked.push(fromByte);
      return answer(fromByte, fromByte + 1.25 * MIB);
    });
    expect(asked).toEqual([1.5 * MIB, 2.75 * MIB]);
    expect(Buffer.compare(bytes, CONTENT)).toBe(0);
  });
  test("gives up when a connection brings too little", async () => {
    const unused = (): never => {
      throw new Error("not to be asked");
    };
    expect(await codeOfAsync(() => read(answer(0, MIB - 1, 200), unused))).toBe("lib/network-timeout");
    let asked = 0;
    const little = (fromByte: number): HttpResponse => {
      asked++;
      return answer(fromByte, fromByte + 10);
    };
    expect(await codeOfAsync(() => read(answer(0, MIB, 200), little))).toBe("lib/network-timeout");
    expect(asked).toBe(1);
  });
  test("gives up when the server sends everything once more, or something else fails", async () => {
    const everything = (): HttpResponse => answer(0, CONTENT.length, 200);
    expect(await codeOfAsync(() => read(answer(0, 2 * MIB, 200), everything))).toBe("lib/network-timeout");
    const refused = answer(0, 2 * MIB, 200, "oci/unauthorised");
    const rest = (fromByte: number): HttpResponse => answer(fromByte, CONTENT.length);
    expect(await codeOfAsync(() => read(refused, rest))).toBe("oci/unauthorised");
  });
});
