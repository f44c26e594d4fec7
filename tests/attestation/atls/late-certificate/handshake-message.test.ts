import { describe, expect, test } from "bun:test";
import { HandshakeMessageReader } from "../../../../src/attestation/atls/late-certificate/handshake-message.ts";
import { message } from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const TWO = Buffer.concat([message(8, Buffer.from("ab")), message(13)]);

describe("HandshakeMessageReader", () => {
  test("reads several messages of one record", () => {
    const reader = new HandshakeMessageReader();
    expect(reader.push(TWO)).toEqual([
      { type: 8, body: Uint8Array.of(0x61, 0x62) },
      { type: 13, body: new Uint8Array() },
    ]);
    expect(reader.isInsideMessage).toBe(false);
  });

  test("reads a message that spans records, wherever it is cut", () => {
    for (let cut = 1; cut < TWO.length; cut++) {
      const reader = new HandshakeMessageReader();
      const first = reader.push(TWO.subarray(0, cut));
      expect(reader.isInsideMessage).toBe(cut !== 6);
      expect([...first, ...reader.push(TWO.subarray(cut))].map(({ type }) => type)).toEqual([8, 13]);
    }
  });

  test("takes the longest message and refuses a longer one by its header", () => {
    const longest = message(11, Buffer.alloc(128 * 1024));
    expect(new HandshakeMessageReader().push(longest).length).toBe(1);
    const header = message(11, Buffer.alloc(128 * 1024 + 1)).subarray(0, 4);
    expect(codeOf(() => new HandshakeMessageReader().push(header))).toBe("atls/handshake-invalid");
  });
});
