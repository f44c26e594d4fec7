import { describe, expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { ListValueSchema, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { readMessage } from "../../src/proto/read-message.ts";
import { AttestationSchema } from "../../src/proto/sevsnp_pb.ts";
import { RecoverRequestSchema } from "../../src/proto/userapi_pb.ts";
import { codeOf } from "../fakes/error-code.ts";

/** Field 1 of the outer message, a report whose bytes `family_id` have a length of their own. */
function attestationWith(reportLength: number, familyIdLength: number): Uint8Array {
  const familyId = [4 * 8 + 2, familyIdLength, ...Array.from({ length: 16 }, () => 7)];
  return Uint8Array.of(1 * 8 + 2, reportLength, ...familyId, 2 * 8 + 2, 0);
}

describe("readMessage()", () => {
  test("reads what the library wrote", () => {
    const message = create(AttestationSchema, {
      report: { familyId: new Uint8Array(16).fill(7), policy: 0x30000n },
      certificateChain: { extras: { "00569ee4": Uint8Array.of(1, 2, 3) } },
      product: { name: 1, machineStepping: 0 },
    });
    expect(readMessage(AttestationSchema, toBinary(AttestationSchema, message))).toEqual(message);
  });

  test("ignores fields that the message does not have", () => {
    const bytes = Uint8Array.of(1 * 8 + 2, 1, 0x5e, 15 * 8 + 2, 1, 0xff);
    expect(readMessage(RecoverRequestSchema, bytes).Seed).toEqual(Uint8Array.of(0x5e));
  });

  test("reads an inner message up to its own end", () => {
    expect(readMessage(AttestationSchema, attestationWith(18, 16)).report?.familyId).toHaveLength(16);
  });

  test.each([
    ["a field that ends behind its message", attestationWith(17, 16)],
    ["a message that ends behind the bytes", attestationWith(60, 16)],
    ["an entry of a map that ends too early", Uint8Array.of(2 * 8 + 2, 6, 7 * 8 + 2, 2, 2 * 8 + 2, 2, 1, 2)],
    ["a number that is no varint", Uint8Array.of(1 * 8 + 2, 9, 1 * 8 + 1, 2, 0, 0, 0, 0, 0, 0, 0)],
    ["a number of fixed size that is a varint too", Uint8Array.of(1 * 8 + 2, 5, 1 * 8 + 5, 0x82, 0x80, 0x80, 0)],
    ["bytes that are a varint", Uint8Array.of(1 * 8 + 2, 2, 4 * 8 + 0, 2)],
    ["a message that is a varint", Uint8Array.of(1 * 8 + 0, 2)],
    ["a group that is not closed", Uint8Array.of(9 * 8 + 3)],
    ["field number 0", Uint8Array.of(2, 0)],
  ])("refuses %s", (_name, bytes) => {
    expect(codeOf(() => readMessage(AttestationSchema, bytes))).toBe("proto/message-invalid");
  });

  test("reads 16 messages inside each other and no more", () => {
    const nested = (depth: number): Value =>
      create(ValueSchema, {
        kind: { case: "listValue", value: create(ListValueSchema, { values: depth === 0 ? [] : [nested(depth - 1)] }) },
      });
    const outcome = (depth: number): string =>
      codeOf(() => readMessage(ValueSchema, toBinary(ValueSchema, nested(depth))));
    expect(outcome(7)).toStartWith("no error");
    expect(outcome(8)).toBe("proto/message-invalid");
  });

  test("has no error but its own for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const code = codeOf(() => readMessage(AttestationSchema, bytes));
        return code === "proto/message-invalid" || code.startsWith("no error");
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
