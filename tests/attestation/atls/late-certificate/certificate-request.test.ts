import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import {
  parseCertificateRequest,
  serverNonceOf,
} from "../../../../src/attestation/atls/late-certificate/certificate-request.ts";
import { ContrastError } from "../../../../src/lib/errors.ts";
import { commonName, der, extension, requestBody12, requestBody13, vector } from "../../../fakes/atls/tls-flight.ts";
import { codeOf } from "../../../fakes/error-code.ts";

const NONCE = randomBytes(32);
const NAME = commonName(NONCE.toString("base64"));
const OTHER = commonName("other");
const BODIES = { "1.2": requestBody12, "1.3": requestBody13 } as const;
const VERSIONS = ["1.2", "1.3"] as const;

describe("parseCertificateRequest()", () => {
  test.each(VERSIONS)("reads the names of TLS %s in order", (version) => {
    const names = parseCertificateRequest(BODIES[version]([NAME, OTHER]), version);
    expect(names.map((name) => name.toHex())).toEqual([NAME, OTHER].map((name) => name.toString("hex")));
  });

  test.each(VERSIONS)("reads an empty list of TLS %s", (version) => {
    expect(parseCertificateRequest(BODIES[version]([]), version)).toEqual([]);
  });

  test("reads a request of TLS 1.3 without authorities", () => {
    expect(parseCertificateRequest(requestBody13(undefined), "1.3")).toEqual([]);
  });

  test.each(VERSIONS)("refuses a request of TLS %s that is cut anywhere, or has bytes behind it", (version) => {
    const whole = BODIES[version]([NAME]);
    for (let length = 0; length < whole.length; length++) {
      expect(codeOf(() => parseCertificateRequest(whole.subarray(0, length), version))).toBe("atls/handshake-invalid");
    }
    const longer = Buffer.concat([whole, Buffer.of(0)]);
    expect(codeOf(() => parseCertificateRequest(longer, version))).toBe("atls/handshake-invalid");
  });

  test.each(VERSIONS)("takes 16 names of TLS %s and no more", (version) => {
    const names = (count: number): Buffer[] => Array.from({ length: count }, () => NAME);
    expect(parseCertificateRequest(BODIES[version](names(16)), version).length).toBe(16);
    expect(codeOf(() => parseCertificateRequest(BODIES[version](names(17)), version))).toBe("atls/handshake-invalid");
  });

  test("refuses two lists of authorities, and bytes behind a list", () => {
    const list = vector(2, vector(2, NAME));
    const twice = Buffer.concat([vector(1), vector(2, extension(47, list), extension(47, list))]);
    expect(codeOf(() => parseCertificateRequest(twice, "1.3"))).toBe("atls/handshake-invalid");
    const longer = Buffer.concat([vector(1), vector(2, extension(47, list, Buffer.of(0)))]);
    expect(codeOf(() => parseCertificateRequest(longer, "1.3"))).toBe("atls/handshake-invalid");
  });

  test.each(VERSIONS)("answers any bytes of TLS %s with names or its own error", (version) => {
    const whole = BODIES[version]([NAME]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at] = bytes[at]! ^ flip;
        try {
          serverNonceOf(parseCertificateRequest(bytes, version));
        } catch (error) {
          expect(error).toBeInstanceOf(ContrastError);
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

describe("serverNonceOf()", () => {
  test.each([
    ["PrintableString", 0x13],
    ["UTF8String", 0x0c],
  ])("reads the nonce from a %s", (_name, tag) => {
    expect(Buffer.from(serverNonceOf([commonName(NONCE.toString("base64"), tag)]))).toEqual(NONCE);
  });

  test.each([
    ["no authority", []],
    ["two authorities", [NAME, NAME]],
    ["a name that is no DER", [Buffer.of(1, 2, 3)]],
    ["a name with bytes behind it", [Buffer.concat([NAME, Buffer.of(5, 0)])]],
    ["a name without a common name", [der(0x30)]],
    ["another attribute in its place", [Buffer.from(NAME.toString("hex").replace("0603550403", "060355040a"), "hex")]],
    ["an IA5String", [commonName(NONCE.toString("base64"), 0x16)]],
    ["31 bytes", [commonName(randomBytes(31).toString("base64"))]],
    ["33 bytes", [commonName(randomBytes(33).toString("base64"))]],
    ["hexadecimal digits", [commonName(NONCE.toString("hex"))]],
    ["base64 without padding", [commonName(NONCE.toString("base64").slice(0, -1))]],
    ["a line break", [commonName(`${NONCE.toString("base64")}\n`, 0x0c)]],
  ])("refuses %s", (_name, authorities) => {
    expect(codeOf(() => serverNonceOf(authorities))).toBe("atls/server-nonce-invalid");
  });
});
