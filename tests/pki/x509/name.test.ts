import { describe, expect, test } from "bun:test";
import { derElement, derNull, derOid, derSequence, derSet, derText, derUtf8 } from "../../../src/pki/der-writer.ts";
import { NAME_OID, nameAttribute, parseName, renderName, sameName } from "../../../src/pki/x509/name.ts";
import { codeOf } from "../../fakes/error-code.ts";

const part = (oid: string, value: string): Uint8Array => derSequence(derOid(oid), derText(value));
const nameOf = (...rdns: readonly Uint8Array[]): Uint8Array => derSequence(...rdns);

describe("parseName()", () => {
  test("reads attributes in the order of the bytes, those of one RDN one after the other", () => {
    const der = nameOf(
      derSet(part(NAME_OID.commonName, "a")),
      derSet(part(NAME_OID.country, "US"), part("1.2.3", "x_y")),
    );
    const name = parseName(der);
    expect(name.der).toEqual(der);
    expect(name.attributes).toEqual([
      { oid: NAME_OID.commonName, value: "a", tag: 0x13 },
      { oid: "1.2.3", value: "x_y", tag: 0x0c },
      { oid: NAME_OID.country, value: "US", tag: 0x13 },
    ]);
    expect(parseName(nameOf()).attributes).toEqual([]);
  });

  test("refuses bytes after the name", () => {
    expect(codeOf(() => parseName(Uint8Array.of(...nameOf(), 0)))).toBe("pki/der-invalid");
  });

  test("refuses values that are not strings", () => {
    const rdn = derSet(derSequence(derOid("2.5.4.3"), derNull()));
    expect(codeOf(() => parseName(nameOf(rdn)))).toBe("pki/der-invalid");
    expect(codeOf(() => parseName(nameOf(derElement(0x31))))).toBe("pki/der-invalid");
  });
});

describe("nameAttribute()", () => {
  test("gives an attribute that the name has once", () => {
    const twice = [derSet(part(NAME_OID.commonName, "a")), derSet(part(NAME_OID.commonName, "b"))];
    expect(nameAttribute(parseName(nameOf(...twice)), NAME_OID.commonName)).toBeUndefined();
    expect(nameAttribute(parseName(nameOf(twice[0]!)), NAME_OID.commonName)).toBe("a");
    expect(nameAttribute(parseName(nameOf()), NAME_OID.commonName)).toBeUndefined();
  });
});

describe("renderName()", () => {
  test("writes a value on one line that cannot pass for two attributes or move a cursor", () => {
    const hostile = derSet(derSequence(derOid(NAME_OID.commonName), derUtf8('a, CN=b+"c\\\n\t\u001b[2J')));
    expect(renderName(parseName(nameOf(hostile, derSet(part("1.2.3", "d")))))).toBe(
      String.raw`CN=a\, CN=b\+\"c\\\u000a\u0009\u001b[2J, 1.2.3=d`,
    );
  });
});

describe("sameName()", () => {
  test("compares bytes: another string type is another name", () => {
    const printable = parseName(nameOf(derSet(part(NAME_OID.commonName, "a"))));
    const utf8 = parseName(nameOf(derSet(derSequence(derOid(NAME_OID.commonName), derUtf8("a")))));
    expect(sameName(printable, parseName(printable.der))).toBe(true);
    expect(sameName(printable, utf8)).toBe(false);
  });
});
