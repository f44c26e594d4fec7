import { describe, expect, test } from "bun:test";
import { X509Certificate as PlatformCertificate, generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type LeafRequest,
} from "../../../src/coordinator/ca/certificate-authority.ts";
import { parsePemBlocks } from "../../../src/pki/pem-block.ts";
import { type Certificate, parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { renderName } from "../../../src/pki/x509/name.ts";
import { checkPath } from "../../../src/pki/x509/path.ts";
import { renderSignatureAlgorithm } from "../../../src/pki/x509/signature-algorithm.ts";
import { spkiOf } from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const SEED = 20_261_123;
const NOW = new Date("2026-03-01T12:00:00.750Z");
const rootKey = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const workloadSpki = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
const authority = createCertificateAuthority(rootKey, NOW);

const certificateOf = (pem: string): Certificate => parseCertificate(parsePemBlocks(pem, "test", 1)[0].der, "test");
const issued = (changes: Partial<LeafRequest> = {}, ca: CertificateAuthority = authority): Certificate =>
  certificateOf(ca.issue({ spkiDer: workloadSpki, sans: ["web", "*"], claims: [], now: NOW, ...changes }));
const root = certificateOf(authority.rootPem);
const intermediate = certificateOf(authority.intermediatePem);
const mesh = certificateOf(authority.meshPem);

/** Object identifier, criticality and value of each extension, in order. */
const extensionsOf = ({ extensions }: Certificate): readonly string[] =>
  extensions.map(({ oid, critical, value }) => `${oid}${critical ? " critical" : ""} ${value.toHex()}`);
const failuresOf = (path: readonly Certificate[]): readonly string[] =>
  checkPath(path, NOW).flatMap(({ passed, rule }) => (passed ? [] : [rule]));
const keyIdOf = ({ extensions }: Certificate): string =>
  extensions
    .find(({ oid }) => oid === "2.5.29.14")!
    .value.toHex()
    .slice(4);

describe("createCertificateAuthority()", () => {
  test("makes the three certificates of an authority", () => {
    for (const certificate of [root, intermediate, mesh]) {
      expect(certificate.version).toBe(3);
      expect(renderSignatureAlgorithm(certificate.signatureAlgorithm)).toBe("ECDSA with SHA-384");
      expect(certificate.notBefore.toISOString()).toBe("2026-03-01T11:00:00.000Z");
      expect(certificate.notAfter.toISOString()).toBe("2036-03-01T12:00:00.000Z");
      expect([...certificate.subject.attributes, ...certificate.issuer.attributes].map(({ tag }) => tag)).toEqual([
        0x13, 0x13,
      ]);
    }
    const names = [root, intermediate, mesh].map(({ subject, issuer }) => [renderName(subject), renderName(issuer)]);
    expect(names).toEqual([
      ["CN=system:coordinator:root", "CN=system:coordinator:root"],
      ["CN=system:coordinator:intermediate", "CN=system:coordinator:root"],
      ["CN=system:coordinator:intermediate", "CN=system:coordinator:intermediate"],
    ]);
  });

  test("gives them the extensions of version 1.4, in its order", () => {
    const usual = ["2.5.29.15 critical 03020284", "2.5.29.19 critical 30030101ff"];
    const [rootId, meshId] = [keyIdOf(root), keyIdOf(mesh)];
    expect(extensionsOf(root)).toEqual([...usual, `2.5.29.14 0414${rootId}`]);
    expect(extensionsOf(intermediate)).toEqual([...usual, `2.5.29.14 0414${meshId}`, `2.5.29.35 30168014${rootId}`]);
    expect(extensionsOf(mesh)).toEqual([...usual, `2.5.29.14 0414${meshId}`]);
  });

  test("gives intermediate and mesh certificate the same key, which is not the root's", () => {
    expect(root.spkiDer).toEqual(spkiOf(rootKey));
    expect(intermediate.spkiDer).toEqual(mesh.spkiDer);
    expect(mesh.spkiDer).not.toEqual(root.spkiDer);
  });

  test("keeps the root key and makes a new mesh key every time", () => {
    const next = createCertificateAuthority(rootKey, NOW);
    expect(certificateOf(next.rootPem).spkiDer).toEqual(root.spkiDer);
    expect(certificateOf(next.meshPem).spkiDer).not.toEqual(mesh.spkiDer);
  });

  test("counts ten calendar years, and writes years from 2050 in four digits", () => {
    const dates = ["2028-02-29T00:00:00Z", "2039-12-31T23:59:59Z", "2040-01-01T00:00:00Z"].map(
      (now) => certificateOf(createCertificateAuthority(rootKey, new Date(now)).meshPem).notAfter,
    );
    expect(dates.map((date) => date.toISOString())).toEqual([
      "2038-03-01T00:00:00.000Z",
      "2049-12-31T23:59:59.000Z",
      "2050-01-01T00:00:00.000Z",
    ]);
  });

  test("refuses a root key that is public or of another kind", () => {
    const wrong = [
      generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
      generateKeyPairSync("ed25519").privateKey,
    ];
    for (const key of wrong) expect(codeOf(() => createCertificateAuthority(key, NOW))).toBe("pki/key-invalid");
  });

  test("writes PEM that ends with a line break and has no empty line", () => {
    const pems = [authority.rootPem, authority.intermediatePem, authority.meshPem];
    for (let length = 1; length <= 48; length++) {
      pems.push(authority.issue({ spkiDer: workloadSpki, sans: ["a".repeat(length)], claims: [], now: NOW }));
    }
    for (const pem of pems) {
      expect(pem).toMatch(
        /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END CERTIFICATE-----\n$/,
      );
    }
    expect(parsePemBlocks(pems[3]! + authority.intermediatePem, "chain", 2)).toHaveLength(2);
  });
});

describe("issue()", () => {
  test("makes a leaf that chains to the mesh CA alone, and through the intermediate to the root", () => {
    const leaf = issued();
    expect(failuresOf([leaf, mesh])).toEqual([]);
    expect(failuresOf([leaf, intermediate, root])).toEqual([]);
  });

  test("makes a leaf that chains to the root for ever, but not to the mesh CA of another generation", () => {
    const leaf = issued();
    const next = createCertificateAuthority(rootKey, NOW);
    expect(failuresOf([leaf, intermediate, certificateOf(next.rootPem)])).toEqual([]);
    expect(failuresOf([leaf, certificateOf(next.meshPem)])).toContain("signature");
    expect(failuresOf([leaf, certificateOf(next.intermediatePem), root])).toContain("signature");
  });

  test("gives it the extensions of version 1.4, in its order, then the claims", () => {
    const claims = [{ oid: "1.3.9901.2.1.1", value: Uint8Array.of(2, 1, 2) }];
    const leaf = issued({ sans: ["web", "192.0.2.1", "spiffe://m/w", "2001:db8::1", "*"], claims });
    expect(extensionsOf(leaf)).toEqual([
      "2.5.29.15 critical 03020780",
      "2.5.29.37 301406082b0601050507030206082b06010505070301",
      "2.5.29.19 critical 3000",
      `2.5.29.35 30168014${keyIdOf(mesh)}`,
      "2.5.29.17 302e820377656282012a8704c0000201871020010db8000000000000000000000001860c7370696666653a2f2f6d2f77",
      "1.3.9901.2.1.1 020102",
    ]);
  });

  test("certifies the key of the workload under the first DNS name, for one calendar year", () => {
    const leaf = issued({ sans: ["192.0.2.1", "web", "other"] });
    expect(leaf.spkiDer).toEqual(workloadSpki);
    expect(renderName(leaf.subject)).toBe("CN=web");
    expect(leaf.subject.attributes[0]!.tag).toBe(0x13);
    expect(leaf.issuer.der).toEqual(mesh.subject.der);
    expect(leaf.notBefore.toISOString()).toBe("2026-03-01T11:00:00.000Z");
    expect(leaf.notAfter.toISOString()).toBe("2027-03-01T12:00:00.000Z");
    expect(issued({ now: new Date("2028-02-29T00:00:00Z") }).notAfter.toISOString()).toBe("2029-03-01T00:00:00.000Z");
    expect(renderSignatureAlgorithm(leaf.signatureAlgorithm)).toBe("ECDSA with SHA-384");
  });

  test("writes a common name that PrintableString does not know as UTF8String", () => {
    const leaf = issued({ sans: ["*"] });
    expect(leaf.subject.attributes[0]).toMatchObject({ tag: 0x0c, value: "*" });
  });

  test("takes a new serial number every time, at most 128 bits and not zero", () => {
    const serials = Array.from({ length: 40 }, () => issued().serialHex);
    expect(new Set(serials).size).toBe(40);
    expect(serials.every((serial) => serial.length <= 32 && serial !== "0")).toBe(true);
    expect(serials.some((serial) => serial.length === 32 && serial >= "8")).toBe(true);
  });

  test("refuses names and keys that are of no use", () => {
    expect(codeOf(() => issued({ sans: [] }))).toBe("coordinator/san-invalid");
    expect(codeOf(() => issued({ sans: ["web", "a\0b"] }))).toBe("coordinator/san-invalid");
    expect(codeOf(() => issued({ spkiDer: new Uint8Array(91) }))).toBe("coordinator/workload-key-invalid");
  });

  test("makes what the platform reads too, for any names", () => {
    const label = fc.stringMatching(/^[a-z0-9_*-]{1,63}$/);
    const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
    fc.assert(
      fc.property(fc.array(fc.oneof(domain, fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 8 }), (sans) => {
        const leaf = issued({ sans });
        const platform = new PlatformCertificate(leaf.der);
        const entries = platform.subjectAltName!.split(", ");
        expect(entries).toHaveLength(sans.length);
        expect(platform.serialNumber.toLowerCase().replace(/^0+/, "")).toBe(leaf.serialHex);
        expect(platform.checkIssued(new PlatformCertificate(mesh.der))).toBe(true);
      }),
      { seed: SEED, numRuns: 40 },
    );
  });
});
