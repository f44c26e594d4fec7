import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { LateCertificate } from "../../../../src/attestation/atls/late-certificate/late-certificate.ts";
import {
  commonName,
  message,
  record,
  RecordSealer,
  requestBody13,
  serverHello,
} from "../../../fakes/atls/tls-flight.ts";

const SECRET = randomBytes(32);
const HELLO = record(22, serverHello({ selected: 0x0304 }));
const NAME = commonName(randomBytes(32).toString("base64"));

function sealed(): Buffer {
  return new RecordSealer(0x1301, SECRET).seal(22, Buffer.concat([message(8), message(13, requestBody13([NAME]))]));
}

function line(label: string, secret: Buffer): Buffer {
  return Buffer.from(`${label} ${"00".repeat(32)} ${secret.toString("hex")}\n`);
}

interface Watched {
  readonly late: LateCertificate;
  readonly asked: string[];
  readonly failures: unknown[];
}

function watch(): Watched {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const late = new LateCertificate({
    certificateFor: (nonce) => {
      asked.push(Buffer.from(nonce).toString("base64"));
      return new Promise(() => {});
    },
    setCertificate: () => {},
    release: () => {},
    onFailure: (error) => void failures.push(error),
  });
  return { late, asked, failures };
}

describe("LateCertificate", () => {
  test("asks for a certificate once, whatever else the key log says", () => {
    const { late, asked, failures } = watch();
    late.onReceived(Buffer.concat([HELLO, sealed()]));
    late.useKeyLog(Buffer.from("garbage"));
    late.useKeyLog(line("SERVER_TRAFFIC_SECRET_0", randomBytes(32)));
    expect(asked).toEqual([]);
    late.useKeyLog(line("SERVER_HANDSHAKE_TRAFFIC_SECRET", SECRET));
    late.useKeyLog(line("SERVER_HANDSHAKE_TRAFFIC_SECRET", SECRET));
    late.onReceived(record(23, randomBytes(100)));
    expect([asked.length, failures]).toEqual([1, []]);
    expect(NAME.includes(asked[0]!)).toBe(true);
  });

  test("tells that the platform does not tell its secrets", () => {
    const { late } = watch();
    expect(late.timeout()).toBeUndefined();
    late.onReceived(Buffer.concat([HELLO, sealed()]));
    expect(late.timeout()?.code).toBe("atls/late-certificate-unsupported");
    late.useKeyLog(line("SERVER_HANDSHAKE_TRAFFIC_SECRET", SECRET));
    expect(late.timeout()?.code).toBe("atls/timeout");
  });

  test("reports a secret that does not open the handshake", () => {
    const { late, failures } = watch();
    late.onReceived(Buffer.concat([HELLO, sealed()]));
    late.useKeyLog(line("SERVER_HANDSHAKE_TRAFFIC_SECRET", randomBytes(32)));
    expect(failures).toMatchObject([{ code: "atls/handshake-invalid" }]);
  });
});
