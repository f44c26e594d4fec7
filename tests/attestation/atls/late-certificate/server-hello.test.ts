import { describe, expect, test } from "bun:test";
import { parseServerHello } from "../../../../src/attestation/atls/late-certificate/server-hello.ts";
import { extension, serverHelloBody, uint, vector } from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const NO_EXTENSIONS = Buffer.concat([uint(2, 0x0303), Buffer.alloc(32), vector(1), uint(2, 0xc02b), Buffer.of(0)]);

describe("parseServerHello()", () => {
  test.each([0x1301, 0x1302, 0x1303])("reads TLS 1.3 with cipher suite %d", (suite) => {
    const hello = parseServerHello(serverHelloBody({ suite, selected: 0x0304 }));
    expect(hello).toEqual({ version: "1.3", cipherSuite: suite, isRetryRequest: false });
  });

  test("knows a HelloRetryRequest", () => {
    expect(parseServerHello(serverHelloBody({ selected: 0x0304, retry: true })).isRetryRequest).toBe(true);
  });

  test("reads TLS 1.2, with and without extensions", () => {
    expect(parseServerHello(serverHelloBody({ suite: 0xc02b }))).toMatchObject({ version: "1.2", cipherSuite: 0xc02b });
    expect(parseServerHello(NO_EXTENSIONS)).toMatchObject({ version: "1.2", cipherSuite: 0xc02b });
  });

  test.each([
    ["TLS 1.1", serverHelloBody({ legacy: 0x0302 })],
    ["a version that is not known", serverHelloBody({ selected: 0x0305 })],
    ["bytes behind it", Buffer.concat([serverHelloBody({ selected: 0x0304 }), Buffer.of(0)])],
    [
      "two selected versions",
      Buffer.concat([NO_EXTENSIONS, vector(2, extension(43, uint(2, 0x0304)), extension(43, uint(2, 0x0304)))]),
    ],
    ["a selected version of three bytes", Buffer.concat([NO_EXTENSIONS, vector(2, extension(43, uint(3, 0x030400)))])],
  ])("refuses %s", (_name, body) => {
    expect(codeOf(() => parseServerHello(body))).toBe("atls/handshake-invalid");
  });

  test("refuses one that is cut anywhere", () => {
    const whole = serverHelloBody({ selected: 0x0304 });
    // Without any extension it is one of TLS 1.2.
    const bare = whole.length - (2 + 40 + 6);
    for (let length = 0; length < whole.length; length++) {
      const code = codeOf(() => parseServerHello(whole.subarray(0, length)));
      expect(code).toBe(length === bare ? "no error, returned object" : "atls/handshake-invalid");
    }
  });
});
