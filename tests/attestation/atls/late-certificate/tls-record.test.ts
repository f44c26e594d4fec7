import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeRecord, TlsRecordReader } from "../../../../src/attestation/atls/late-certificate/tls-record.ts";
import { record } from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const MAX_BODY_BYTES = 2 ** 14 + 2048;

describe("TlsRecordReader", () => {
  test("cuts a stream the same however it arrives", () => {
    const body = fc.uint8Array({ maxLength: 40 });
    const records = fc.array(fc.tuple(fc.constantFrom(20, 21, 22, 23), body), { maxLength: 6 });
    fc.assert(
      fc.property(records, fc.array(fc.nat(200), { maxLength: 8 }), (wanted, cuts) => {
        const stream = Buffer.concat(wanted.map(([type, content]) => record(type, content)));
        const at = [0, ...cuts.filter((cut) => cut < stream.length).toSorted((a, b) => a - b), stream.length];
        const reader = new TlsRecordReader();
        const read = at.slice(1).flatMap((end, index) => reader.push(stream.subarray(at[index], end)));
        expect(read.map(({ type, body: content }) => [type, content])).toEqual(
          wanted.map(([type, content]) => [type, new Uint8Array(content)]),
        );
        expect(Buffer.concat(read.map(encodeRecord)).equals(stream)).toBe(true);
        expect(reader.rest.length).toBe(0);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test("keeps what is no whole record yet", () => {
    const reader = new TlsRecordReader();
    const whole = record(22, Buffer.from("abc"));
    expect(reader.push(whole.subarray(0, 7))).toEqual([]);
    expect(Buffer.from(reader.rest).equals(whole.subarray(0, 7))).toBe(true);
    expect(reader.push(whole.subarray(7)).length).toBe(1);
  });

  test.each([
    ["another protocol", Buffer.from("HTTP/1.1 400 Bad Request")],
    ["a type that is not known", Buffer.of(24)],
    ["a type below the known ones", Buffer.of(19, 3, 3, 0, 0)],
    ["another major version", Buffer.of(22, 2)],
  ])("refuses %s", (_name, bytes) => {
    expect(codeOf(() => new TlsRecordReader().push(bytes))).toBe("atls/not-tls");
  });

  test("takes the longest record and refuses a longer one by its header", () => {
    expect(new TlsRecordReader().push(record(23, Buffer.alloc(MAX_BODY_BYTES))).length).toBe(1);
    const header = record(23, Buffer.alloc(MAX_BODY_BYTES + 1)).subarray(0, 5);
    expect(codeOf(() => new TlsRecordReader().push(header))).toBe("atls/handshake-invalid");
  });
});
