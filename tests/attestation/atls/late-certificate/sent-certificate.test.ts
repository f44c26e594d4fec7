import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { SentCertificate } from "../../../../src/attestation/atls/late-certificate/sent-certificate.ts";
import { TrafficKeys } from "../../../../src/attestation/atls/late-certificate/traffic-keys.ts";
import { message, record, RecordSealer, vector } from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const SECRET = randomBytes(32);
const HELLO = record(22, message(1, randomBytes(200)));
const CHANGE = record(20, Buffer.of(1));
const DER = randomBytes(20_000);
const CERTIFICATE_12 = message(11, vector(3, vector(3, DER), vector(3, randomBytes(9))));
const CERTIFICATE_13 = message(11, vector(1), vector(3, vector(3, DER), vector(2)));

const NO_KEYS = (): undefined => undefined;

/** Sends bytes after the hello in pieces. */
function sent(keys: () => TrafficKeys | undefined, ...pieces: readonly Buffer[]): SentCertificate {
  const watch = new SentCertificate();
  watch.push(HELLO, NO_KEYS);
  for (const piece of pieces) watch.push(piece, keys);
  return watch;
}

function clientKeys(): () => TrafficKeys {
  const keys = new TrafficKeys(0x1303, SECRET);
  return () => keys;
}

/** Messages in records of at most 8 KiB, sealed. */
function seal(type: number, content: Buffer): Buffer {
  const sealer = new RecordSealer(0x1303, SECRET);
  const records: Buffer[] = [];
  for (let at = 0; at < content.length; at += 8192) records.push(sealer.seal(type, content.subarray(at, at + 8192)));
  return Buffer.concat(records);
}

describe("SentCertificate", () => {
  test("knows nothing before the certificate is sent", () => {
    const watch = sent(NO_KEYS, CHANGE);
    expect([watch.certificateDer, watch.is(DER)]).toEqual([undefined, false]);
  });

  test("reads the first certificate of TLS 1.2", () => {
    const [one, two] = [CERTIFICATE_12.subarray(0, 9000), CERTIFICATE_12.subarray(9000)];
    const watch = sent(NO_KEYS, record(22, one), record(22, two));
    expect([watch.is(DER), watch.is(DER.subarray(1))]).toEqual([true, false]);
  });

  test("reads the certificate of TLS 1.3, however it is sent", () => {
    const sealed = seal(22, Buffer.concat([CERTIFICATE_13, message(15, randomBytes(80))]));
    expect(sent(clientKeys(), CHANGE, sealed).is(DER)).toBe(true);
    const pieces = Array.from({ length: Math.ceil(sealed.length / 999) }, (_, index) =>
      sealed.subarray(index * 999, (index + 1) * 999),
    );
    expect(sent(clientKeys(), ...pieces).is(DER)).toBe(true);
  });

  test.each([
    ["TLS 1.2", record(22, message(11, vector(3)))],
    ["TLS 1.3", seal(22, message(11, vector(1), vector(3)))],
  ])("knows that no certificate was sent in %s", (_name, bytes) => {
    const watch = sent(clientKeys(), bytes);
    expect([watch.certificateDer, watch.is(DER)]).toEqual([new Uint8Array(), false]);
  });

  test("does not look into alerts", () => {
    expect(sent(clientKeys(), seal(21, Buffer.of(2, 40))).certificateDer).toBeUndefined();
    expect(sent(NO_KEYS, record(21, Buffer.of(2, 40))).certificateDer).toBeUndefined();
  });

  test("keeps to the first certificate", () => {
    const other = record(22, message(11, vector(3, vector(3, randomBytes(8)))));
    expect(
      sent(
        NO_KEYS,
        Buffer.concat([record(22, CERTIFICATE_12.subarray(0, 9000)), record(22, CERTIFICATE_12.subarray(9000)), other]),
      ).is(DER),
    ).toBe(true);
  });

  test("refuses a message that is cut", () => {
    const bytes = record(22, message(11, vector(3, Buffer.of(0, 0))));
    expect(codeOf(() => sent(NO_KEYS, bytes))).toBe("atls/handshake-invalid");
  });
});
