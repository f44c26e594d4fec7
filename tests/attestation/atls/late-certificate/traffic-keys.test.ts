import { describe, expect, test } from "bun:test";
import { createCipheriv, randomBytes } from "node:crypto";
import { TlsRecordReader } from "../../../../src/attestation/atls/late-certificate/tls-record.ts";
import { TrafficKeys } from "../../../../src/attestation/atls/late-certificate/traffic-keys.ts";
import { RecordSealer } from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const SUITES = [
  [0x1301, 32],
  [0x1302, 48],
  [0x1303, 32],
] as const;

function records(...bytes: readonly Buffer[]): ReturnType<TlsRecordReader["push"]> {
  return new TlsRecordReader().push(Buffer.concat(bytes));
}

describe("TrafficKeys", () => {
  test("derives key and vector as the handshake of RFC 8448 section 3 has them", () => {
    const secret = Buffer.from("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", "hex");
    const key = Buffer.from("3fce516009c21727d0f2e4e86ee403bc", "hex");
    const iv = Buffer.from("5d313eb2671276ee13000b30", "hex");
    const header = Buffer.from("1703030015", "hex");
    const cipher = createCipheriv("aes-128-gcm", key, iv);
    cipher.setAAD(header);
    const sealed = [cipher.update(Buffer.of(8, 0, 0, 0, 22)), cipher.final()];
    const [first] = records(header, ...sealed, cipher.getAuthTag());
    expect(new TrafficKeys(0x1301, secret).open(first!)).toEqual({ type: 22, content: Uint8Array.of(8, 0, 0, 0) });
  });

  test.each(SUITES)("opens records of suite %d in their order, without padding", (suite, secretBytes) => {
    const secret = randomBytes(secretBytes);
    const sealer = new RecordSealer(suite, secret);
    const keys = new TrafficKeys(suite, secret);
    const contents = Array.from({ length: 300 }, (_, index) => randomBytes(index % 40));
    const read = records(...contents.map((content, index) => sealer.seal(22, content, index % 7)));
    expect(read.map((one) => Buffer.from(keys.open(one).content))).toEqual(contents);
  });

  test.each(SUITES)(
    "refuses a record of suite %d that was changed, out of order, or of other keys",
    (suite, length) => {
      const secret = randomBytes(length);
      const sealer = new RecordSealer(suite, secret);
      const [first, second] = [sealer.seal(22, Buffer.from("first")), sealer.seal(22, Buffer.from("second"))];
      const open = (bytes: Buffer, by = secret): string =>
        codeOf(() => new TrafficKeys(suite, by).open(records(bytes)[0]!));
      expect(open(first)).toBe("no error, returned object");
      expect(open(second)).toBe("atls/handshake-invalid");
      expect(open(first, randomBytes(length))).toBe("atls/handshake-invalid");
      for (const at of [2, 5, first.length - 1]) {
        const changed = Buffer.from(first);
        changed[at] = changed[at]! ^ 1;
        expect(open(changed)).toBe("atls/handshake-invalid");
      }
    },
  );

  test.each([
    ["application data", 23],
    ["no type", 0],
  ])("refuses %s inside of a handshake", (_name, type) => {
    const secret = randomBytes(32);
    const [sealed] = records(new RecordSealer(0x1301, secret).seal(type, new Uint8Array(), 3));
    expect(codeOf(() => new TrafficKeys(0x1301, secret).open(sealed!))).toBe("atls/handshake-invalid");
  });

  test("refuses a record of nothing but a tag", () => {
    const [short] = records(Buffer.from("1703030010", "hex"), randomBytes(16));
    expect(codeOf(() => new TrafficKeys(0x1301, randomBytes(32)).open(short!))).toBe("atls/handshake-invalid");
  });

  test("refuses other suites", () => {
    expect(codeOf(() => new TrafficKeys(0x1304, randomBytes(32)))).toBe("atls/handshake-invalid");
  });
});
