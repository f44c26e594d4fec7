import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { ServerFlight } from "../../../../src/attestation/atls/late-certificate/server-flight.ts";
import { ContrastError } from "../../../../src/lib/errors.ts";
import {
  commonName,
  message,
  record,
  RecordSealer,
  requestBody12,
  requestBody13,
  serverHello,
} from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const NAME = commonName("name");
const SECRET = randomBytes(32);
const HELLO_12 = serverHello({ suite: 0xc02b });
const HELLO_13 = serverHello({ selected: 0x0304 });
const CHANGE = record(20, Buffer.of(1));
const CERTIFICATE = message(11, randomBytes(3000));
const KEY_EXCHANGE = message(12, randomBytes(100));
const REQUEST_12 = message(13, requestBody12([NAME]));
const REQUEST_13 = message(13, requestBody13([NAME]));
const DONE = message(14);
const EXTENSIONS = message(8, Buffer.of(0, 0));
const ALERT = Buffer.of(2, 40);

function sealedFlight(...messages: readonly Buffer[]): Buffer {
  const sealer = new RecordSealer(0x1301, SECRET);
  return Buffer.concat(messages.map((one) => sealer.seal(22, one, 1)));
}

/** A flight that the server was allowed to finish before the secret was known. */
function after(flight: ServerFlight, ...sealed: readonly Buffer[]): Buffer {
  const passed = [flight.receive(record(22, HELLO_13)), flight.receive(Buffer.concat(sealed))];
  return Buffer.concat([...passed.flat(), ...flight.useSecret(SECRET)]);
}

describe("ServerFlight", () => {
  const flight12 = Buffer.concat([
    record(22, HELLO_12, CERTIFICATE.subarray(0, 100)),
    record(22, CERTIFICATE.subarray(100)),
    record(22, KEY_EXCHANGE, REQUEST_12, DONE),
  ]);

  test("holds all of TLS 1.2 back until the request is read, however it arrives", () => {
    for (const size of [1, 7, 1000, flight12.length]) {
      const flight = new ServerFlight();
      const passed: Uint8Array[] = [];
      for (let at = 0; at < flight12.length; at += size)
        passed.push(...flight.receive(flight12.subarray(at, at + size)));
      expect(passed).toEqual([]);
      expect(flight.authorities?.map((name) => name.toHex())).toEqual([NAME.toString("hex")]);
      expect(Buffer.concat(flight.release()).equals(flight12)).toBe(true);
      expect(flight.encryptedWith).toBeUndefined();
    }
  });

  test("gives back what is no whole record yet, too", () => {
    const flight = new ServerFlight();
    const bytes = Buffer.concat([flight12, record(22, DONE).subarray(0, 3)]);
    flight.receive(bytes);
    expect(Buffer.concat(flight.release()).equals(bytes)).toBe(true);
  });

  test.each(["before", "after"])(
    "passes the ServerHello of TLS 1.3, and reads the rest with a secret that comes %s it",
    (when) => {
      const flight = new ServerFlight();
      const encrypted = sealedFlight(EXTENSIONS, REQUEST_13, CERTIFICATE);
      const hello = record(22, HELLO_13);
      expect(Buffer.concat(flight.receive(Buffer.concat([hello, CHANGE]))).equals(Buffer.concat([hello, CHANGE]))).toBe(
        true,
      );
      expect(flight.encryptedWith).toBe(0x1301);
      if (when === "before") flight.useSecret(SECRET);
      expect(flight.receive(encrypted)).toEqual([]);
      if (when === "after") {
        expect([flight.isWaitingForSecret, flight.authorities]).toEqual([true, undefined]);
        flight.useSecret(SECRET);
      }
      expect(flight.isWaitingForSecret).toBe(false);
      expect(flight.authorities?.map((name) => name.toHex())).toEqual([NAME.toString("hex")]);
      expect(Buffer.concat(flight.release()).equals(encrypted)).toBe(true);
    },
  );

  test("passes a HelloRetryRequest and waits for the next ServerHello", () => {
    const flight = new ServerFlight();
    const retry = Buffer.concat([record(22, serverHello({ selected: 0x0304, retry: true })), CHANGE]);
    expect(Buffer.concat(flight.receive(retry)).equals(retry)).toBe(true);
    expect([flight.encryptedWith, flight.useSecret(SECRET)]).toEqual([undefined, []]);
    after(flight, sealedFlight(EXTENSIONS, REQUEST_13));
    expect(flight.authorities?.length).toBe(1);
  });

  test("reads a request that spans records", () => {
    const flight = new ServerFlight();
    const sealer = new RecordSealer(0x1301, SECRET);
    after(
      flight,
      sealer.seal(22, Buffer.concat([EXTENSIONS, REQUEST_13.subarray(0, 9)])),
      sealer.seal(22, REQUEST_13.subarray(9)),
    );
    expect(flight.authorities?.length).toBe(1);
  });

  test.each([
    ["in TLS 1.2", record(22, HELLO_12, CERTIFICATE, KEY_EXCHANGE, DONE)],
    ["in TLS 1.2 behind a resumed session", Buffer.concat([record(22, HELLO_12), CHANGE])],
  ])("refuses a server that asks for no certificate %s", (_name, bytes) => {
    expect(codeOf(() => new ServerFlight().receive(bytes))).toBe("atls/no-certificate-request");
  });

  test.each([
    ["certificate", CERTIFICATE],
    ["end of a resumed session", message(20, randomBytes(32))],
  ])("refuses a server of TLS 1.3 whose next message is its %s", (_name, next) => {
    expect(codeOf(() => after(new ServerFlight(), sealedFlight(EXTENSIONS, next)))).toBe("atls/no-certificate-request");
  });

  test("hands an alert in the clear to the TLS stack, with all that was held", () => {
    for (const before of [Buffer.alloc(0), record(22, HELLO_12)]) {
      const flight = new ServerFlight();
      const bytes = Buffer.concat([before, record(21, ALERT), record(22, DONE).subarray(0, 2)]);
      expect(Buffer.concat(flight.receive(bytes)).equals(bytes)).toBe(true);
      expect([flight.isOver, flight.authorities]).toEqual([true, undefined]);
    }
  });

  test("hands an encrypted alert to the TLS stack, with all that was held", () => {
    const flight = new ServerFlight();
    const sealer = new RecordSealer(0x1301, SECRET);
    const sealed = Buffer.concat([sealer.seal(22, EXTENSIONS), sealer.seal(21, ALERT)]);
    expect(after(flight, sealed).subarray(-sealed.length).equals(sealed)).toBe(true);
    expect(flight.isOver).toBe(true);
  });

  test.each([
    ["another message in place of the ServerHello", record(22, CERTIFICATE)],
    ["a message of another type that reads as a ServerHello", record(22, Buffer.of(11), HELLO_12.subarray(1))],
    ["encrypted records in place of the ServerHello", record(23, randomBytes(40))],
    ["a message in the clear behind the ServerHello of TLS 1.3", record(22, HELLO_13, EXTENSIONS)],
    ["part of one", record(22, HELLO_13, EXTENSIONS.subarray(0, 2))],
    ["one in a record of its own", Buffer.concat([record(22, HELLO_13), record(22, EXTENSIONS)])],
    ["a ServerHello that is cut", record(22, message(2, randomBytes(20)))],
    ["a request that is cut", record(22, HELLO_12, message(13, Buffer.of(1)))],
  ])("refuses %s", (_name, bytes) => {
    expect(codeOf(() => new ServerFlight().receive(bytes))).toBe("atls/handshake-invalid");
  });

  test("refuses what the secret does not open", () => {
    const flight = new ServerFlight();
    flight.receive(Buffer.concat([record(22, HELLO_13), sealedFlight(EXTENSIONS)]));
    expect(codeOf(() => flight.useSecret(randomBytes(32)))).toBe("atls/handshake-invalid");
  });

  test("refuses to hold more than 256 KiB, in whole records or not", () => {
    const flight = new ServerFlight();
    flight.receive(flight12);
    const held = 256 * 1024 - flight12.length;
    const piece = record(23, Buffer.alloc(4091));
    for (let left = held; left >= piece.length; left -= piece.length) flight.receive(piece);
    flight.receive(piece.subarray(0, held % piece.length));
    expect(codeOf(() => flight.receive(piece.subarray(held % piece.length, (held % piece.length) + 1)))).toBe(
      "atls/handshake-invalid",
    );
  });

  test("answers any change of a flight with its own errors, and passes nothing encrypted before the request", () => {
    const hello = record(22, HELLO_13);
    const whole = Buffer.concat([hello, CHANGE, sealedFlight(EXTENSIONS, REQUEST_13, CERTIFICATE.subarray(0, 200))]);
    const clear = hello.length + CHANGE.length;
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 300 }),
        (at, flip, size) => {
          const bytes = Buffer.from(whole);
          bytes[at] = bytes[at]! ^ flip;
          const flight = new ServerFlight();
          let passed = 0;
          try {
            for (let from = 0; from < bytes.length; from += size) {
              for (const piece of flight.receive(bytes.subarray(from, from + size))) passed += piece.length;
              for (const piece of flight.useSecret(SECRET)) passed += piece.length;
            }
          } catch (error) {
            expect(error).toBeInstanceOf(ContrastError);
          }
          if (!flight.isOver) expect(passed).toBeLessThanOrEqual(clear);
        },
      ),
      { seed: 4, numRuns: 1000 },
    );
  });
});
