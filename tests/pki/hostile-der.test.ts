import "reflect-metadata";
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { DerReader } from "../../src/pki/der-reader.ts";
import { derElement, derSequence } from "../../src/pki/der-writer.ts";
import { parsePemBlocks } from "../../src/pki/pem-block.ts";
import { type Certificate, parseCertificate, publicKeyOf } from "../../src/pki/x509/certificate.ts";
import { type Crl, parseCrl } from "../../src/pki/x509/crl.ts";
import { checkCrl } from "../../src/pki/x509/check-crl.ts";
import { renderName } from "../../src/pki/x509/name.ts";
import { checkPath } from "../../src/pki/x509/path.ts";
import { verifySigned } from "../../src/pki/x509/verify-signed.ts";
import {
  buildCertificate,
  buildCrl,
  caExtension,
  extension,
  keyUsageExtension,
  newSigner,
  revokedEntry,
} from "../fakes/certificate-builder.ts";
import { codeOf } from "../fakes/error-code.ts";
import { bitFlips, seededRandom, truncations } from "../fakes/mutations.ts";
import { vectorsFolder } from "../fakes/vectors.ts";

const SEED = 20_261_123;
const signer = newSigner();
const certificateDer = buildCertificate(signer, {
  algorithm: signer.algorithm,
  extensions: [caExtension(1), keyUsageExtension("0106"), extension("1.3.6.1.4.1.3704.1.4", new Uint8Array(64))],
});
const crlDer = buildCrl(signer, { entries: [revokedEntry(3n), revokedEntry(5n)] });
const key = publicKeyOf(parseCertificate(certificateDer, "certificate"));

/** What reading and checking give: an error code of this room, or `verified`; anything else is a defect. */
function fateOf(der: Uint8Array, kind: "certificate" | "crl", issuer = key): string {
  const outcome = codeOf(() => {
    const signed: Certificate | Crl = kind === "crl" ? parseCrl(der, "list") : parseCertificate(der, "certificate");
    verifySigned(signed, issuer, "signature");
  });
  return outcome.startsWith("no error") ? "verified" : outcome;
}

const REFUSALS = ["pki/certificate-invalid", "pki/crl-invalid", "pki/signature-invalid", "pki/algorithm-unsupported"];

describe("hostile DER", () => {
  test.each([
    ["certificate", certificateDer],
    ["crl", crlDer],
  ] as const)("makes no %s that is cut off at any byte readable", (kind, der) => {
    expect(fateOf(der, kind)).toBe("verified");
    for (const part of truncations(der)) expect(fateOf(part, kind)).toBe(`pki/${kind}-invalid`);
  });

  test.each([
    ["certificate", certificateDer],
    ["crl", crlDer],
  ] as const)("makes no %s with a flipped bit verify", (kind, der) => {
    for (const { bit, flipped } of bitFlips(der)) {
      const fate = fateOf(flipped, kind);
      if (!REFUSALS.includes(fate)) throw new Error(`bit ${bit}: ${fate}`);
    }
  });

  test("throws nothing but errors of this room, whatever the bytes are", () => {
    const random = seededRandom(SEED);
    for (let run = 0; run < 20_000; run++) {
      const der = Uint8Array.from(run % 2 === 0 ? certificateDer : crlDer);
      for (let change = random(6); change >= 0; change--) der[random(der.length)] = random(256);
      const kind = run % 2 === 0 ? "certificate" : "crl";
      const fate = fateOf(der, kind);
      if (fate !== "verified" && !REFUSALS.includes(fate)) throw new Error(`seed ${SEED}, run ${run}: ${fate}`);
    }
  });

  test("throws nothing but errors of this room from checks of what can be read", () => {
    const random = seededRandom(SEED + 1);
    const at = new Date("2025-06-01");
    let readable = 0;
    for (let run = 0; run < 5000; run++) {
      const der = Uint8Array.from(certificateDer);
      der[random(der.length)] = random(256);
      const outcome = codeOf(() => {
        const certificate = parseCertificate(der, "certificate");
        readable++;
        renderName(certificate.subject);
        checkPath([certificate, certificate], at);
        checkCrl(parseCrl(crlDer, "list"), certificate, at);
      });
      if (!outcome.startsWith("no error") && outcome !== "pki/certificate-invalid")
        throw new Error(`run ${run}: ${outcome}`);
    }
    expect(readable).toBeGreaterThan(500);
  });

  test("is refused without deep recursion: 100,000 nested sequences", () => {
    const depth = 100_000;
    const bytes = new Uint8Array(depth * 5).fill(0);
    for (let level = 0; level < depth; level++) {
      const length = (depth - level - 1) * 5;
      bytes.set([0x30, 0x83, length >>> 16, (length >>> 8) & 0xff, length & 0xff], level * 5);
    }
    expect(codeOf(() => parseCertificate(bytes.subarray(0, 60_000), "certificate"))).toBe("pki/certificate-invalid");
    expect(codeOf(() => parseCrl(bytes, "list"))).toBe("pki/crl-invalid");
  });

  test("cannot make a reader work longer than its size says", () => {
    const started = performance.now();
    const flat = derSequence(...Array.from({ length: 16_000 }, () => derElement(0x30)));
    const name = derElement(0x30, ...Array.from({ length: 5000 }, () => derElement(0x31, derElement(0x30))));
    for (const content of [flat, name, derElement(0x06, new Uint8Array(60_000).fill(0xff))]) {
      for (let position = 0; position < 3; position++) {
        const fields = Array.from({ length: position }, () => derElement(0x02, Uint8Array.of(1)));
        codeOf(() => parseCertificate(derSequence(derSequence(...fields, content), content, content), "certificate"));
      }
    }
    const reader = new DerReader(derElement(0x02, new Uint8Array(1024).fill(0x7f)), "number");
    expect(reader.integer()).toBeGreaterThan(0n);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("certificates of another writer", () => {
  test("are read, verified and refused when damaged, revocation lists included", async () => {
    x509.cryptoProvider.set(globalThis.crypto);
    const rsaPss = { name: "RSA-PSS", hash: "SHA-384", publicExponent: Uint8Array.of(1, 0, 1), modulusLength: 2048 };
    const keys = await crypto.subtle.generateKey(rsaPss, true, ["sign", "verify"]);
    const p384 = { name: "ECDSA", namedCurve: "P-384" };
    const leafKeys = await crypto.subtle.generateKey(p384, true, ["sign", "verify"]);
    const dates = { notBefore: new Date("2025-01-01"), notAfter: new Date("2026-01-01") };
    const signingAlgorithm = { name: "RSA-PSS", hash: "SHA-384", saltLength: 48 };
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "010000",
      name: "CN=ARK-Test, O=Test",
      ...dates,
      keys,
      signingAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: "80",
      subject: "CN=leaf",
      issuer: root.subject,
      ...dates,
      publicKey: leafKeys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
    });
    const list = await x509.X509CrlGenerator.create({
      issuer: root.subject,
      thisUpdate: dates.notBefore,
      nextUpdate: dates.notAfter,
      signingKey: keys.privateKey,
      signingAlgorithm,
      entries: [{ serialNumber: "80", revocationDate: dates.notBefore, reason: x509.X509CrlReason.superseded }],
      extensions: [await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey)],
    });
    const chain = [leaf, root].map(({ rawData }) => parseCertificate(new Uint8Array(rawData), "certificate"));
    const crl = parseCrl(new Uint8Array(list.rawData), "list");
    const at = new Date("2025-06-01");
    expect(checkPath(chain, at).filter(({ passed }) => !passed)).toEqual([]);
    expect(checkCrl(crl, chain[1]!, at).filter(({ passed }) => !passed)).toEqual([]);
    expect(crl.revoked.get(chain[0]!.serialHex)).toEqual({ revokedAt: dates.notBefore, reason: "superseded" });
    const rootKey = publicKeyOf(chain[1]!);
    for (const [kind, der] of [
      ["certificate", chain[0]!.der],
      ["crl", crl.der],
    ] as const) {
      for (const { bit, flipped } of bitFlips(der, 3)) {
        if (!REFUSALS.includes(fateOf(flipped, kind, rootKey))) throw new Error(`${kind}, bit ${bit}`);
      }
    }
  });
});

/** All certificates of a folder of vectors, by file name. */
function vectorCertificates(folder: string): readonly { readonly file: string; readonly der: Uint8Array }[] {
  return readdirSync(folder).flatMap((file) => {
    const bytes = readFileSync(join(folder, file));
    if (file.endsWith(".pem")) {
      return parsePemBlocks(bytes.toString(), file, 4).map(({ der }) => ({ file, der }));
    }
    return file.endsWith(".der") && !file.includes("crl") ? [{ file, der: new Uint8Array(bytes) }] : [];
  });
}

const folders = ["snp", "tdx"].map(vectorsFolder).filter((folder) => folder !== undefined);

describe.skipIf(folders.length < 2)("certificates of vendors", () => {
  const certificates = folders.flatMap(vectorCertificates);

  test("are read, and verify with the key of the issuer in the vectors", () => {
    const parsed = certificates.map(({ file, der }) => ({ file, certificate: parseCertificate(der, file) }));
    expect(parsed.length).toBe(20);
    const unverified = parsed.filter(({ certificate }) => {
      const issuer = parsed.find((other) => renderName(other.certificate.subject) === renderName(certificate.issuer));
      return fateOf(certificate.der, "certificate", publicKeyOf(issuer!.certificate)) !== "verified";
    });
    // These two are damaged in the vectors.
    expect(unverified.map(({ file }) => file).toSorted()).toEqual([
      "milan-v2-b.vcek-other-chip.der",
      "milan-v2-b.vcek-wrapped-hwid.der",
    ]);
  });

  test("are refused when cut off at any byte, and never verify with a flipped bit", () => {
    const roots = certificates.map(({ der }) => parseCertificate(der, "certificate"));
    for (const { file, der } of certificates.filter(({ file }) => /genoa-v3|milan-v3-vlek|sgx-root/.test(file))) {
      for (const part of truncations(der)) expect(fateOf(part, "certificate")).toBe("pki/certificate-invalid");
      const { issuer } = parseCertificate(der, file);
      const issuerKey = publicKeyOf(roots.find(({ subject }) => renderName(subject) === renderName(issuer))!);
      for (const { bit, flipped } of bitFlips(der, 5)) {
        if (!REFUSALS.includes(fateOf(flipped, "certificate", issuerKey))) throw new Error(`${file}, bit ${bit}`);
      }
    }
  });

  test("state RSASSA-PSS with SHA-384 and a salt of 48 bytes where AMD made them", () => {
    const amd = certificates.filter(({ file }) => file.includes("ask-ark"));
    expect(amd.length).toBe(12);
    const algorithm = { kind: "rsa-pss", hash: "sha384", mgfHash: "sha384", saltLength: 48 } as const;
    for (const { file, der } of amd) expect(parseCertificate(der, file).signatureAlgorithm).toEqual(algorithm);
  });
});
