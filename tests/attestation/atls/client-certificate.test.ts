import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { createClientCertificate } from "../../../src/attestation/atls/client-certificate.ts";
import { parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { codeOf } from "../../fakes/error-code.ts";

const NOW = new Date("2026-05-04T03:02:01Z");
const HOUR_MS = 60 * 60 * 1000;
const EVIDENCE = { oid: "1.3.9901.2.1", value: Uint8Array.of(1, 2, 3) };

describe("createClientCertificate()", () => {
  test("has the template of the original: name, two hours on both sides, evidence as the only extension", () => {
    const { certificateDer } = createClientCertificate(undefined, NOW, EVIDENCE);
    const { subject, issuer, validFromDate, validToDate, publicKey } = new X509Certificate(certificateDer);
    expect([subject, issuer]).toEqual(["CN=Contrast", "CN=Contrast"]);
    expect([validFromDate.getTime() - NOW.getTime(), validToDate.getTime() - NOW.getTime()]).toEqual([
      -2 * HOUR_MS,
      2 * HOUR_MS,
    ]);
    expect(publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
    const { extensions, serialHex } = parseCertificate(certificateDer, "certificate");
    expect(extensions).toEqual([{ ...EVIDENCE, critical: false }]);
    expect(serialHex.length).toBeLessThanOrEqual(34);
  });

  test("has no extension without evidence, and another serial number and key each time", () => {
    const [one, other] = [createClientCertificate(undefined, NOW), createClientCertificate(undefined, NOW)];
    const [left, right] = [one, other].map(({ certificateDer }) => parseCertificate(certificateDer, "certificate"));
    expect(left!.extensions).toEqual([]);
    expect(left!.serialHex).not.toBe(right!.serialHex);
    expect(left!.spkiDer).not.toEqual(right!.spkiDer);
  });

  test("refuses a key that is neither EC nor RSA", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    expect(codeOf(() => createClientCertificate(privateKey, NOW))).toBe("atls/client-key-unsupported");
  });
});
