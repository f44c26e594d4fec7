import { describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { SetManifestRequestSchema } from "../../../src/proto/userapi_pb.ts";
import { FieldCounter } from "../../../src/rpc/serve/field-counter.ts";

const HEADER = new Uint8Array(5);

function framed(message: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Whether so many fields are let pass, whatever pieces the bytes come in. */
function passes(message: Uint8Array, max: number, bytes = framed(message)): boolean {
  const results = [1, 2, 7, bytes.length].map((size) => {
    const counter = new FieldCounter(max);
    for (let at = 0; at < bytes.length; at += size) if (!counter.push(bytes.subarray(at, at + size))) return false;
    return true;
  });
  expect(new Set(results).size).toBe(1);
  return results[0]!;
}

describe("FieldCounter", () => {
  test("counts the fields of a request, and not what is inside of them", () => {
    const Policies = Array.from({ length: 9 }, (_, index) => new Uint8Array(index * 100).fill(0x12));
    const message = toBinary(
      SetManifestRequestSchema,
      create(SetManifestRequestSchema, { Manifest: HEADER, Policies }),
    );
    expect(passes(message, 10)).toBe(true);
    expect(passes(message, 9)).toBe(false);
  });

  test.each([
    ["numbers", "0801", 2],
    ["numbers of many bytes", "08ffffffffffffffffff01", 11],
    ["eight bytes", "090000000000000000", 9],
    ["four bytes", "0d00000000", 5],
    ["empty texts", "1200", 2],
    ["groups", "0b0c", 1],
    ["lengths beyond 32 bits, of which readers take the lower ones", "1280808080f0ffffffff01", 11],
    ["tags beyond 32 bits", "9280808080ffffffff0100", 11],
  ])("counts %s", (_kind, hex, size) => {
    const message = Buffer.from(hex.repeat(50), "hex");
    const count = 50 * (Buffer.from(hex, "hex").length / size);
    expect([passes(message, count), passes(message, count - 1)]).toEqual([true, false]);
  });

  test("reads numbers as the reader of messages does", () => {
    // Else a length of which only the upper bits are set would hide all fields behind it.
    const message = Buffer.from("1280808080f0ffffffff01".repeat(3), "hex");
    expect(fromBinary(SetManifestRequestSchema, message).Policies).toHaveLength(3);
  });

  test("goes on with a further message, whose fields count too", () => {
    // The first one ends inside of a field, which must not hide the second.
    const bytes = Buffer.concat([
      framed(Buffer.from("12ff", "hex")),
      framed(Buffer.alloc(0)),
      framed(Buffer.alloc(20, "1200", "hex")),
    ]);
    expect([passes(bytes, 11, bytes), passes(bytes, 10, bytes)]).toEqual([true, false]);
  });

  test("lets pass what ends inside of a field", () => {
    expect(passes(Buffer.from("12ffffffff7f00", "hex"), 1)).toBe(true);
    expect(passes(Buffer.from("12", "hex"), 1)).toBe(true);
  });
});
