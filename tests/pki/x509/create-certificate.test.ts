import { describe, expect, test } from "bun:test";
import { X509Certificate, generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { certificateSigner } from "../../../src/pki/x509/certificate-signer.ts";
import { createCertificate } from "../../../src/pki/x509/create-certificate.ts";
import { encodeName } from "../../../src/pki/x509/encode-name.ts";
import { NAME_OID } from "../../../src/pki/x509/name.ts";
import { spkiOf } from "../../fakes/certificate-builder.ts";

const SEED = 20_261_123;
const pairs = {
  "P-256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "P-384": generateKeyPairSync("ec", { namedCurve: "P-384" }),
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

describe("createCertificate()", () => {
  test("writes what parseCertificate() reads, for any names, numbers, dates and extensions", () => {
    const seconds = (from: string, to: string): fc.Arbitrary<Date> =>
      fc
        .integer({ min: Date.parse(from) / 1000, max: Date.parse(to) / 1000 })
        .map((instant) => new Date(instant * 1000));
    const attribute = fc.record({
      oid: fc.constantFrom(...Object.values(NAME_OID)),
      value: fc.string({ unit: "grapheme" }),
    });
    const extension = fc.record({
      oid: fc.integer({ min: 0, max: 2 ** 40 }).map((arc) => `1.3.9901.${arc}`),
      critical: fc.boolean(),
      value: fc.uint8Array({ maxLength: 300 }),
    });
    const template = fc.record({
      serial: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
      issuer: fc.array(attribute, { maxLength: 4 }),
      subject: fc.array(attribute, { maxLength: 4 }),
      notBefore: seconds("1951-01-01", "2060-01-01"),
      notAfter: seconds("1951-01-01", "9999-01-01"),
      extensions: fc.uniqueArray(extension, { maxLength: 8, selector: ({ oid }) => oid }),
      kind: fc.constantFrom(...(Object.keys(pairs) as (keyof typeof pairs)[])),
    });
    fc.assert(
      fc.property(template, ({ kind, issuer, subject, ...rest }) => {
        const { privateKey, publicKey } = pairs[kind];
        const spkiDer = spkiOf(publicKey);
        const names = { issuer: encodeName(issuer), subject: encodeName(subject) };
        const der = createCertificate({ ...rest, ...names, spkiDer }, certificateSigner(privateKey));
        const read = parseCertificate(der, "test");
        expect(read.version).toBe(3);
        expect(BigInt(`0x${read.serialHex}`)).toBe(rest.serial);
        expect(read.notBefore).toEqual(rest.notBefore);
        expect(read.notAfter).toEqual(rest.notAfter);
        expect(read.spkiDer).toEqual(spkiDer);
        expect(read.extensions).toEqual(rest.extensions);
        expect(read.issuer.attributes.map(({ oid, value }) => ({ oid, value }))).toEqual(issuer);
        expect(read.subject.attributes.map(({ oid, value }) => ({ oid, value }))).toEqual(subject);
        expect(new X509Certificate(der).verify(publicKey)).toBe(true);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

describe("encodeName()", () => {
  test("writes one RDN for each attribute, PrintableString where it can", () => {
    const name = encodeName([
      { oid: "2.5.4.6", value: "DE" },
      { oid: "2.5.4.3", value: "a*" },
    ]);
    expect(name.toHex()).toBe("301a310b3009060355040613024445310b300906035504030c02612a");
  });
});
