import { describe, expect, test } from "bun:test";
import { derInteger, derOid, derNull, derSequence } from "../../../src/pki/der-writer.ts";
import { type Certificate, parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { checkPath, type PathFinding, type PathOptions } from "../../../src/pki/x509/path.ts";
import {
  buildCertificate,
  caExtension,
  type CertificateParts,
  commonName,
  extension,
  keyUsageExtension,
  newSigner,
  NOTHING,
  spkiOf,
} from "../../fakes/certificate-builder.ts";

const root = newSigner();
const middle = newSigner();
const leaf = newSigner();
const stranger = newSigner();
const AT = new Date("2025-06-01");
const SIGNS = keyUsageExtension("0106");

interface ChainParts {
  readonly root?: CertificateParts;
  readonly middle?: CertificateParts;
  readonly leaf?: CertificateParts;
}

/** A good chain of three, with parts replaced. */
function chainOf(parts: ChainParts = {}, signers = { root, middle: root, leaf: middle }): readonly Certificate[] {
  const build = (signer: typeof root, defaults: CertificateParts, changed: CertificateParts = {}): Certificate =>
    parseCertificate(buildCertificate(signer, { ...defaults, ...changed }), "certificate");
  const authority = { issuer: commonName("root"), extensions: [caExtension(), SIGNS] };
  return [
    build(
      signers.leaf,
      { issuer: commonName("middle"), subject: commonName("leaf"), spki: spkiOf(leaf.publicKey) },
      parts.leaf,
    ),
    build(
      signers.middle,
      { ...authority, subject: commonName("middle"), spki: spkiOf(middle.publicKey) },
      parts.middle,
    ),
    build(signers.root, { ...authority, subject: commonName("root"), spki: spkiOf(root.publicKey) }, parts.root),
  ];
}

const failures = (
  chain: readonly Certificate[],
  at = AT,
  options: PathOptions = {},
): readonly (readonly [number, string, string | undefined])[] =>
  checkPath(chain, at, options)
    .filter(({ passed }) => !passed)
    .map(({ index, rule, code }) => [index, rule, code]);

describe("checkPath()", () => {
  test("gives one finding for each rule and certificate, and all of them pass for a good chain", () => {
    const findings = checkPath(chainOf(), AT);
    const rulesOf = (index: number): readonly string[] =>
      findings.filter((finding: PathFinding) => finding.index === index).map(({ rule }) => rule);
    const always = ["issuer-name", "signature", "validity"];
    expect(rulesOf(0)).toEqual([...always, "critical-extensions"]);
    expect(rulesOf(1)).toEqual([...always, "ca", "key-usage", "critical-extensions"]);
    expect(rulesOf(2)).toEqual([...always, "ca", "path-length", "key-usage", "critical-extensions"]);
    expect(
      findings.filter(({ passed, code, reason }) => !passed || code !== undefined || reason !== undefined),
    ).toEqual([]);
  });

  test("says what it got and wanted", () => {
    const [finding] = checkPath(chainOf({ leaf: { issuer: commonName("other") } }), AT);
    expect(finding).toMatchObject({
      rule: "issuer-name",
      index: 0,
      passed: false,
      code: "pki/issuer-mismatch",
      reason: "got issuer CN=other, want CN=middle",
    });
    expect(finding?.compared()).toEqual({ actual: "issuer CN=other", expected: "CN=middle" });
  });

  test("judges a single certificate as its own issuer", () => {
    expect(failures(chainOf().slice(2))).toEqual([]);
    expect(failures(chainOf().slice(1, 2))).toEqual([
      [0, "issuer-name", "pki/issuer-mismatch"],
      [0, "signature", "pki/signature-invalid"],
    ]);
  });

  test("never passes an empty chain", () => {
    expect(failures([])).toEqual([[0, "issuer-name", "pki/issuer-mismatch"]]);
  });

  test("judges the dates of each certificate, both included", () => {
    const chain = chainOf();
    expect(failures(chain, new Date("2025-01-01"))).toEqual([]);
    expect(failures(chain, new Date("2026-01-01"))).toEqual([]);
    expect(failures(chain, new Date("2024-12-31T23:59:59.999Z"))).toEqual(
      [0, 1, 2].map((index) => [index, "validity", "pki/certificate-not-yet-valid"] as const),
    );
    expect(failures(chain, new Date("2026-01-01T00:00:00.001Z"))).toEqual(
      [0, 1, 2].map((index) => [index, "validity", "pki/certificate-expired"] as const),
    );
  });

  test("refuses a signature of somebody else, the root's own included", () => {
    expect(failures(chainOf({}, { root, middle: root, leaf: stranger }))).toEqual([
      [0, "signature", "pki/signature-invalid"],
    ]);
    expect(failures(chainOf({}, { root, middle: stranger, leaf: middle }))).toEqual([
      [1, "signature", "pki/signature-invalid"],
    ]);
    expect(failures(chainOf({}, { root: stranger, middle: root, leaf: middle }))).toEqual([
      [2, "signature", "pki/signature-invalid"],
    ]);
  });

  test("looks at the root's own signature only if the caller wants it, and at all others in any case", () => {
    const options = { selfSigned: false };
    const [foreign] = chainOf({}, { root, middle: root, leaf: stranger });
    expect(failures(chainOf({}, { root: stranger, middle: root, leaf: middle }), AT, options)).toEqual([]);
    expect(failures(chainOf({}, { root, middle: root, leaf: stranger }), AT, options)).toHaveLength(1);
    expect(failures(chainOf({}, { root, middle: stranger, leaf: middle }), AT, options)).toHaveLength(1);
    expect(failures([foreign!], AT, options)).toContainEqual([0, "signature", "pki/signature-invalid"]);
  });

  test("refuses an algorithm or an issuer's key that cannot be used", () => {
    const algorithm = derSequence(derOid("1.2.840.113549.1.1.5"), derNull());
    expect(failures(chainOf({ leaf: { algorithm } }))).toEqual([[0, "signature", "pki/algorithm-unsupported"]]);
    const spki = Uint8Array.from(spkiOf(middle.publicKey));
    spki[spki.length - 1]! ^= 1;
    expect(failures(chainOf({ middle: { spki } }))).toEqual([[0, "signature", "pki/certificate-invalid"]]);
  });

  test("remembers good signatures, for the same object and key only", () => {
    const good = chainOf();
    expect(failures(good)).toEqual([]);
    const [other, ...issuers] = chainOf({}, { root, middle: root, leaf: stranger });
    expect(failures([other!, ...good.slice(1)])).toEqual([[0, "signature", "pki/signature-invalid"]]);
    expect(failures([good[0]!, ...issuers])).toEqual([]);
    const impostor = chainOf({ middle: { spki: spkiOf(stranger.publicKey) } })[1]!;
    expect(failures([good[0]!, impostor, good[2]!])).toEqual([[0, "signature", "pki/signature-invalid"]]);
    expect(failures(good)).toEqual([]);
    good[0]!.signature.fill(0);
    expect(failures(good)).toEqual([]);
    expect(failures([good[0]!, ...issuers])).toEqual([]);
    expect(failures([good[0]!, impostor, good[2]!])).toEqual([[0, "signature", "pki/signature-invalid"]]);
    expect(failures([parseCertificate(good[0]!.der.slice(), "certificate"), ...good.slice(1)])).toEqual([
      [0, "signature", "pki/signature-invalid"],
    ]);
  });

  test.each<[string, ChainParts, number, string, string]>([
    ["an issuer without basic constraints", { middle: { extensions: [SIGNS] } }, 1, "ca", "pki/not-a-ca"],
    [
      "an issuer without CA flag",
      { middle: { extensions: [extension("2.5.29.19", derSequence(), true), SIGNS] } },
      1,
      "ca",
      "pki/not-a-ca",
    ],
    ["an issuer of version 1", { middle: { version: NOTHING, extensions: [] } }, 1, "ca", "pki/not-a-ca"],
    ["a root without CA flag", { root: { extensions: [] } }, 2, "ca", "pki/not-a-ca"],
    [
      "a path that is too long for the root",
      { root: { extensions: [caExtension(0), SIGNS] } },
      2,
      "path-length",
      "pki/path-too-long",
    ],
    [
      "an issuer that may not sign certificates",
      { middle: { extensions: [caExtension(), keyUsageExtension("0102")] } },
      1,
      "key-usage",
      "pki/key-usage-forbidden",
    ],
    [
      "an unknown critical extension of the leaf",
      { leaf: { extensions: [extension("1.2.3", NOTHING, true)] } },
      0,
      "critical-extensions",
      "pki/critical-extension-unknown",
    ],
    [
      "an unknown critical extension of an issuer",
      { middle: { extensions: [caExtension(), extension("1.2.3", NOTHING, true)] } },
      1,
      "critical-extensions",
      "pki/critical-extension-unknown",
    ],
  ])("refuses %s", (_, parts, index, rule, code) => {
    expect(failures(chainOf(parts))).toEqual([[index, rule, code]]);
  });

  test("accepts a path length that is used up and an issuer without key usage", () => {
    const parts = { root: { extensions: [caExtension(1)] }, middle: { extensions: [caExtension(0)] } };
    expect(failures(chainOf(parts))).toEqual([]);
  });

  test("accepts critical extensions that the caller recognises, and any that are not critical", () => {
    const extensions = [extension("1.2.3", NOTHING, true), extension("1.2.4", NOTHING), keyUsageExtension("0780")];
    expect(failures(chainOf({ leaf: { extensions } }), AT, { recognised: ["1.2.3"] })).toEqual([]);
  });

  test("does not ask the leaf to be an authority or not to be one", () => {
    expect(failures(chainOf({ leaf: { extensions: [caExtension()], serial: derInteger(9n) } }))).toEqual([]);
  });
});
