import { describe, expect, test } from "bun:test";
import { HelloReader, MAX_HELLO_BYTES } from "../../../../src/attestation/atls/serve/hello-reader.ts";
import { handshakeMessage, helloBody, tlsRecord } from "../../../fakes/atls/hello-bytes.ts";
import { codeOf } from "../../../fakes/error-code.ts";
import { seededRandom } from "../../../fakes/mutations.ts";

const MESSAGE = handshakeMessage(helloBody());
const HELLO = { serverName: "c2VydmVy", protocols: ["h2"] };

function codeOfBytes(...pieces: readonly Uint8Array[]): string {
  const reader = new HelloReader();
  return codeOf(() => pieces.map((piece) => reader.push(piece)).at(-1));
}

describe("HelloReader", () => {
  test("reads one record, and keeps its bytes", () => {
    const reader = new HelloReader();
    const bytes = tlsRecord(MESSAGE);
    expect(reader.push(bytes)).toEqual(HELLO);
    expect(Buffer.from(reader.bytes).equals(bytes)).toBeTrue();
  });

  test("puts records together however they are cut, and pieces likewise", () => {
    const random = seededRandom(77);
    for (let run = 0; run < 200; run++) {
      const records: Buffer[] = [];
      for (let at = 0; at < MESSAGE.length;) {
        const end = Math.min(MESSAGE.length, at + 1 + random(run % 2 === 0 ? 3 : MESSAGE.length));
        records.push(tlsRecord(MESSAGE.subarray(at, end)));
        at = end;
      }
      const bytes = Buffer.concat(records);
      const reader = new HelloReader();
      const answers: unknown[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + 1 + random(run % 3 === 0 ? 2 : 40));
        answers.push(reader.push(bytes.subarray(at, end)));
        at = end;
      }
      expect(answers.pop()).toEqual(HELLO);
      expect(answers.every((answer) => answer === undefined)).toBeTrue();
    }
  });

  test("keeps what follows the ClientHello in the same piece", () => {
    const reader = new HelloReader();
    const bytes = Buffer.concat([tlsRecord(MESSAGE), tlsRecord(Buffer.of(1), 20)]);
    expect(reader.push(bytes)).toEqual(HELLO);
    expect(reader.bytes.length).toBe(bytes.length);
  });

  test.each([
    ["a byte of something else", [Buffer.from("G")]],
    ["an alert", [tlsRecord(Buffer.of(2, 80), 21)]],
    ["SSL 2", [Buffer.of(22, 2)]],
    ["an empty record", [tlsRecord(Buffer.of())]],
    ["an empty record in between", [tlsRecord(MESSAGE.subarray(0, 9)), tlsRecord(Buffer.of())]],
    ["a ServerHello", [tlsRecord(handshakeMessage(helloBody(), 2))]],
    ["another message in the record", [tlsRecord(Buffer.concat([MESSAGE, MESSAGE]))]],
    ["a message of more than 16 KiB", [tlsRecord(Buffer.of(1, 0, 0x40, 1))]],
    ["another kind of record in between", [tlsRecord(MESSAGE.subarray(0, 9)), Buffer.of(23)]],
  ])("refuses %s at once", (_what, pieces) => {
    expect(codeOfBytes(...pieces)).toBe("atls/hello-invalid");
  });

  test("takes 16 KiB and no byte more", () => {
    const padding = Buffer.alloc(
      MAX_HELLO_BYTES - 5 - tlsRecord(handshakeMessage(helloBody({ extensions: [[9, Buffer.of()]] }))).length + 5,
    );
    const largest = tlsRecord(handshakeMessage(helloBody({ extensions: [[9, padding]] })));
    expect(largest.length).toBe(MAX_HELLO_BYTES);
    expect(codeOfBytes(largest)).toBe("no error, returned object");
    expect(codeOfBytes(largest.subarray(0, 10), largest.subarray(10))).toBe("no error, returned object");
    expect(codeOfBytes(Buffer.concat([largest, Buffer.of(0)]))).toBe("atls/hello-invalid");
    expect(codeOfBytes(largest.subarray(0, -1), Buffer.of(0, 0))).toBe("atls/hello-invalid");
  });
});
