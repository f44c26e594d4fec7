import { describe, expect, test } from "bun:test";
import {
  derBoolean,
  derElement,
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derTime,
} from "../../../src/pki/der-writer.ts";
import { publicKeyOf, parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { type Crl, parseCrl } from "../../../src/pki/x509/crl.ts";
import { renderName } from "../../../src/pki/x509/name.ts";
import { verifySigned } from "../../../src/pki/x509/verify-signed.ts";
import {
  buildCertificate,
  buildCrl,
  type CrlParts,
  extension,
  newSigner,
  NOTHING,
  revokedEntry,
} from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const signer = newSigner();
const read = (parts: CrlParts = {}): Crl => parseCrl(buildCrl(signer, parts), "list");
const reason = (value: number): Uint8Array => extension("2.5.29.21", derElement(0x0a, Uint8Array.of(value)));
const idp = (...members: readonly Uint8Array[]): Uint8Array => extension("2.5.29.28", derSequence(...members), true);

describe("parseCrl()", () => {
  test("reads every field", () => {
    const extensions = [
      extension("2.5.29.20", derInteger(5n)),
      extension("2.5.29.35", derSequence(derElement(0x80, Uint8Array.of(1, 2)))),
    ];
    const der = buildCrl(signer, { entries: [revokedEntry(0x0fn), revokedEntry(0x80n, [reason(1)])], extensions });
    const crl = parseCrl(der, "list");
    expect(crl.der).toEqual(der);
    expect(crl.version).toBe(2);
    expect(renderName(crl.issuer)).toBe("CN=test");
    expect(crl.thisUpdate).toEqual(new Date("2025-01-01"));
    expect(crl.nextUpdate).toEqual(new Date("2026-01-01"));
    expect([...crl.revoked]).toEqual([
      ["f", { revokedAt: new Date("2025-02-01"), reason: undefined }],
      ["80", { revokedAt: new Date("2025-02-01"), reason: "keyCompromise" }],
    ]);
    expect(crl.extensions.map(({ oid }) => oid)).toEqual(["2.5.29.20", "2.5.29.35"]);
    verifySigned(crl, publicKeyOf(parseCertificate(buildCertificate(signer), "issuer")), "list");
  });

  test("reads a list without next update, entries and extensions", () => {
    const crl = read({ nextUpdate: NOTHING });
    expect(crl.nextUpdate).toBeUndefined();
    expect(crl.revoked.size).toBe(0);
    expect(crl.extensions).toEqual([]);
  });

  test("gives each entry its own reason, whatever the entry before it has", () => {
    const reasons = [reason(1), undefined, reason(1), reason(4), reason(4), reason(1)];
    const entries = reasons.map((extension, index) =>
      revokedEntry(BigInt(index), extension === undefined ? undefined : [extension]),
    );
    expect(Array.from(read({ entries }).revoked.values(), (revocation) => revocation.reason)).toEqual([
      "keyCompromise",
      undefined,
      "keyCompromise",
      "superseded",
      "superseded",
      "keyCompromise",
    ]);
  });

  test("keeps the earlier of two entries about one certificate", () => {
    const early = derSequence(derInteger(1n), derTime(new Date("2024-01-01")));
    for (const entries of [
      [revokedEntry(1n), early],
      [early, revokedEntry(1n)],
    ]) {
      expect(read({ entries }).revoked.get("1")?.revokedAt).toEqual(new Date("2024-01-01"));
    }
  });

  test("reads a list that says where it is to be found, and critical extensions that it knows", () => {
    const where = derElement(0xa0, derElement(0xa0, derElement(0x86, new TextEncoder().encode("http://host/crl"))));
    expect(read({ extensions: [idp(where)] }).extensions.length).toBe(1);
    const known = extension("2.5.29.24", derOctetString(NOTHING), true);
    expect(read({ entries: [revokedEntry(1n, [known])] }).revoked.size).toBe(1);
  });

  test("reads 20,000 entries in one pass", () => {
    const entries = Array.from({ length: 20_000 }, (_, serial) => revokedEntry(BigInt(serial)));
    const der = buildCrl(signer, { entries });
    const started = performance.now();
    expect(parseCrl(der, "list").revoked.size).toBe(20_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  const unknown = extension("1.2.3", NOTHING, true);
  test.each<[string, CrlParts]>([
    ["version 1", { version: NOTHING }],
    ["version 1 that is written", { version: derInteger(0n) }],
    ["version 3", { version: derInteger(2n) }],
    ["a malformed date", { thisUpdate: derNull() }],
    ["fields after the dates", { entries: [], nextUpdate: derInteger(1n) }],
    ["an unknown critical extension", { extensions: [unknown] }],
    ["an unknown critical extension of an entry", { entries: [revokedEntry(1n, [unknown])] }],
    [
      "an entry about a certificate of another issuer",
      { entries: [revokedEntry(1n, [extension("2.5.29.29", NOTHING)])] },
    ],
    ["a list of changes", { extensions: [extension("2.5.29.27", derInteger(1n))] }],
    ["a list about several issuers", { extensions: [idp(derElement(0x84, Uint8Array.of(0xff)))] }],
    ["a list about authorities only", { extensions: [idp(derElement(0x82, Uint8Array.of(0xff)))] }],
    ["a malformed issuing distribution point", { extensions: [extension("2.5.29.28", derNull())] }],
    [
      "bytes after the issuing distribution point",
      { extensions: [extension("2.5.29.28", Uint8Array.fromHex("30000500"))] },
    ],
    ["a malformed authority key identifier", { extensions: [extension("2.5.29.35", derNull())] }],
    [
      "an authority key identifier with too much in it",
      { extensions: [extension("2.5.29.35", derSequence(derNull()))] },
    ],
    [
      "bytes after the authority key identifier",
      { extensions: [extension("2.5.29.35", Uint8Array.fromHex("30000500"))] },
    ],
    ["an extension that occurs twice", { extensions: [extension("1.2", NOTHING), extension("1.2", NOTHING)] }],
    ["a negative serial number", { entries: [revokedEntry(-1n)] }],
    ["an entry without date", { entries: [derSequence(derInteger(1n))] }],
    [
      "an entry with too much in it",
      { entries: [derSequence(derInteger(1n), derTime(new Date()), derSequence(), derNull())] },
    ],
    ["an entry that is not a sequence", { entries: [derBoolean(true)] }],
    ["a reason without meaning", { entries: [revokedEntry(1n, [reason(7)])] }],
    ["the reason that takes a revocation back", { entries: [revokedEntry(1n, [reason(8)])] }],
    ["a reason beyond the list", { entries: [revokedEntry(1n, [reason(11)])] }],
    [
      "bytes after the reason",
      { entries: [revokedEntry(1n, [extension("2.5.29.21", Uint8Array.fromHex("0a01010500"))])] },
    ],
  ])("refuses %s", (_, parts) => {
    expect(codeOf(() => read(parts))).toBe("pki/crl-invalid");
  });

  test("refuses another algorithm outside than inside, and bytes after the list", () => {
    const der = buildCrl(signer);
    expect(codeOf(() => parseCrl(Uint8Array.of(...der, 0), "list"))).toBe("pki/crl-invalid");
    const other = der.slice();
    const at = Buffer.from(der).lastIndexOf(Buffer.from("2a8648ce3d040302", "hex"));
    other[at + 7] = 3; // ecdsa-with-SHA384 outside
    expect(codeOf(() => parseCrl(other, "list"))).toBe("pki/crl-invalid");
  });

  test("refuses more than 100,000 entries", () => {
    const entries = Array.from({ length: 100_001 }, () => revokedEntry(1n));
    expect(codeOf(() => read({ entries: [Uint8Array.from(Buffer.concat(entries))] }))).toBe("pki/crl-invalid");
  });

  test("refuses more than 8 MiB", () => {
    const sized = (bytes: number): string =>
      codeOf(() => read({ extensions: [extension("1.2.3", new Uint8Array(bytes))] }));
    expect(sized(8_000_000)).toStartWith("no error");
    expect(sized(8 * 1024 * 1024)).toBe("pki/crl-invalid");
  });

  test("refuses bytes after the signature and after the list of extensions", () => {
    const { tbsDer } = read();
    const rest = [signer.algorithm, derElement(3, Uint8Array.of(0))];
    expect(codeOf(() => parseCrl(derSequence(tbsDer, ...rest), "list"))).toStartWith("no error");
    expect(codeOf(() => parseCrl(derSequence(tbsDer, ...rest, derNull()), "list"))).toBe("pki/crl-invalid");
    const wrapped = derExplicit(0, derSequence(), derNull());
    expect(codeOf(() => read({ entries: [], nextUpdate: wrapped }))).toBe("pki/crl-invalid");
    expect(codeOf(() => read({ entries: [], nextUpdate: derExplicit(0, derSequence()) }))).toStartWith("no error");
  });

  test("needs an object identifier in each extension", () => {
    expect(codeOf(() => read({ extensions: [derSequence(derOctetString(NOTHING))] }))).toBe("pki/crl-invalid");
    expect(codeOf(() => read({ extensions: [derSequence(derOid("1.2"), derOctetString(NOTHING), derNull())] }))).toBe(
      "pki/crl-invalid",
    );
  });
});
