import { describe, expect, test } from "bun:test";
import { derInteger, derOctetString, derSequence } from "../../../src/pki/der-writer.ts";
import { encodePem } from "../../../src/pki/pem-block.ts";
import { readCertificates } from "../../../src/pki/x509/read-certificates.ts";
import { readCrls } from "../../../src/pki/x509/read-crls.ts";
import { buildCertificate, buildCrl, newSigner } from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const signer = newSigner();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const certificate = (serial: bigint): Uint8Array => buildCertificate(signer, { serial: derInteger(serial) });
const pem = (serial: bigint): string => encodePem("CERTIFICATE", certificate(serial));
const serialsOf = (bytes: Uint8Array, max?: number): readonly string[] =>
  readCertificates(bytes, "certificates", max).map(({ serialHex }) => serialHex);

describe("readCertificates()", () => {
  test("reads one certificate in DER", () => {
    expect(serialsOf(certificate(5n))).toEqual(["5"]);
  });

  test("reads PEM blocks in their order, with text around them", () => {
    expect(serialsOf(text(` 0 s:CN = a\n${pem(2n)}\n 1 s:caf\u00e9\n${pem(1n).replaceAll("\n", "\r\n")}end`))).toEqual([
      "2",
      "1",
    ]);
    expect(serialsOf(text(`0 s:CN = a\n${pem(2n)}`))).toEqual(["2"]);
  });

  test("has a largest number", () => {
    const seventeen = text(pem(1n).repeat(17));
    expect(codeOf(() => serialsOf(seventeen))).toBe("pki/pem-invalid");
    expect(serialsOf(seventeen, 17).length).toBe(17);
  });

  test("refuses files without certificates, with other blocks, or with one that is damaged", () => {
    expect(codeOf(() => serialsOf(text("no PEM")))).toBe("pki/pem-missing");
    expect(codeOf(() => serialsOf(new Uint8Array()))).toBe("pki/pem-missing");
    const key = encodePem("PRIVATE KEY", derOctetString(Uint8Array.of(1)));
    expect(codeOf(() => serialsOf(text(pem(1n) + key)))).toBe("pki/pem-invalid");
    expect(codeOf(() => serialsOf(text(pem(1n) + encodePem("CERTIFICATE", derSequence()))))).toBe(
      "pki/certificate-invalid",
    );
    expect(codeOf(() => serialsOf(Uint8Array.of(...certificate(1n), 10)))).toBe("pki/certificate-invalid");
  });
});

describe("readCrls()", () => {
  test("reads DER and PEM", () => {
    const der = buildCrl(signer);
    expect(readCrls(der, "lists").length).toBe(1);
    expect(readCrls(text(encodePem("X509 CRL", der).repeat(2)), "lists").length).toBe(2);
  });

  test("refuses certificates", () => {
    expect(codeOf(() => readCrls(text(pem(1n)), "lists"))).toBe("pki/pem-invalid");
    expect(codeOf(() => readCrls(certificate(1n), "lists"))).toBe("pki/crl-invalid");
  });
});
