import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  KEY_PURPOSE_OID,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdExtension,
} from "../../../src/pki/x509/encode-extensions.ts";
import { KEY_USAGE_BITS, parseBasicConstraints, parseKeyUsage } from "../../../src/pki/x509/extensions.ts";
import { keyIdentifierOf, parseAuthorityKeyId, parseSubjectKeyId } from "../../../src/pki/x509/key-identifier.ts";
import { newSigner, spkiOf } from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const SEED = 20_261_123;

describe("keyUsageExtension()", () => {
  test("writes what parseKeyUsage() reads, without zero bits at the end", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...KEY_USAGE_BITS), { minLength: 1 }), (purposes) => {
        const { oid, critical, value } = keyUsageExtension(purposes);
        expect([oid, critical]).toEqual(["2.5.29.15", true]);
        expect(parseKeyUsage(value, "test")).toEqual(new Set(purposes));
        const unused = value[2]!;
        expect((value.at(-1)! >> unused) & 1).toBe(1);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test.each([
    [["digitalSignature"], "03020780"],
    [["digitalSignature", "keyCertSign"], "03020284"],
    [["decipherOnly"], "0303070080"],
  ] as const)("writes %j in the shortest form", (purposes, hex) => {
    expect(keyUsageExtension(purposes).value.toHex()).toBe(hex);
  });
});

describe("basicConstraintsExtension()", () => {
  test.each([
    [{ ca: false, pathLength: undefined }, "3000"],
    [{ ca: true, pathLength: undefined }, "30030101ff"],
    [{ ca: true, pathLength: 0 }, "30060101ff020100"],
    [{ ca: true, pathLength: 200 }, "30070101ff020200c8"],
  ])("writes %j", (constraints, hex) => {
    const { oid, critical, value } = basicConstraintsExtension(constraints);
    expect([oid, critical, value.toHex()]).toEqual(["2.5.29.19", true, hex]);
    expect(parseBasicConstraints(value, "test")).toEqual(constraints);
  });
});

describe("extendedKeyUsageExtension()", () => {
  test("writes the purposes in their order", () => {
    const { oid, critical, value } = extendedKeyUsageExtension([
      KEY_PURPOSE_OID.clientAuth,
      KEY_PURPOSE_OID.serverAuth,
    ]);
    expect([oid, critical]).toEqual(["2.5.29.37", undefined]);
    expect(value.toHex()).toBe("301406082b0601050507030206082b06010505070301");
  });
});

describe("the key identifier extensions", () => {
  test("name a key by the hash of its point", () => {
    const id = keyIdentifierOf(spkiOf(newSigner().publicKey));
    expect(id).toHaveLength(20);
    expect(parseSubjectKeyId(subjectKeyIdExtension(id).value)).toEqual(id);
    expect(parseAuthorityKeyId(authorityKeyIdExtension(id).value)).toEqual(id);
    expect(authorityKeyIdExtension(Uint8Array.of(1, 2)).value.toHex()).toBe("300480020102");
  });

  test("keyIdentifierOf() refuses what is no key", () => {
    const spki = spkiOf(newSigner().publicKey);
    expect(codeOf(() => keyIdentifierOf(spki.subarray(1)))).toBe("pki/der-invalid");
    expect(codeOf(() => keyIdentifierOf(Uint8Array.of(...spki, 0)))).toBe("pki/der-invalid");
  });
});

describe("subjectAltNameExtension()", () => {
  test("writes names of every kind in their order", () => {
    const { oid, critical, value } = subjectAltNameExtension([
      { type: "uri", uri: "a:b" },
      { type: "dns", name: "*" },
      { type: "ip", address: Uint8Array.of(192, 0, 2, 1) },
    ]);
    expect([oid, critical]).toEqual(["2.5.29.17", undefined]);
    expect(value.toHex()).toBe("300e8603613a6282012a8704c0000201");
  });
});
