import { createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";

/** Parts of a certificate; whatever is left out is as in the certificates of genuine Coordinators. */
export interface CertificateParts {
  readonly key: KeyObject;
  readonly commonName?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly { readonly oid: string; readonly value: Uint8Array; readonly critical?: boolean }[];
  /** In place of the public half of `key`. */
  readonly spkiDer?: Uint8Array;
  /** In place of `key`. */
  readonly signingKey?: KeyObject;
}

const HALF_LIFE_MS = 2 * 60 * 60 * 1000;
const ECDSA_SHA256 = tlv(0x30, oid("1.2.840.10045.4.3.2"));

/**
 * A self-signed ECDSA certificate, written by hand and apart from the product's own writer, so that its reader meets
 * bytes that it did not write.
 */
export function derCertificate(parts: CertificateParts): Buffer {
  const { key, commonName = "Contrast", extensions = [] } = parts;
  const now = Date.now();
  const { notBefore = new Date(now - HALF_LIFE_MS), notAfter = new Date(now + HALF_LIFE_MS) } = parts;
  const spki = parts.spkiDer ?? createPublicKey(key).export({ type: "spki", format: "der" });
  const name = tlv(0x30, tlv(0x31, tlv(0x30, oid("2.5.4.3"), tlv(0x13, Buffer.from(commonName)))));
  const written = extensions.map(({ oid: id, value, critical = false }) =>
    tlv(0x30, oid(id), ...(critical ? [tlv(0x01, Buffer.of(0xff))] : []), tlv(0x04, value)),
  );
  const tbs = tlv(
    0x30,
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, Buffer.concat([Buffer.of(0x11), randomBytes(15)])),
    ECDSA_SHA256,
    name,
    tlv(0x30, time(notBefore), time(notAfter)),
    name,
    Buffer.from(spki),
    ...(written.length > 0 ? [tlv(0xa3, tlv(0x30, ...written))] : []),
  );
  const signature = sign("sha256", tbs, parts.signingKey ?? key);
  return tlv(0x30, tbs, ECDSA_SHA256, tlv(0x03, Buffer.of(0), signature));
}

/** The PEM form that TLS libraries take. */
export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}

function time(date: Date): Buffer {
  const text = `${date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, "")}Z`;
  return tlv(0x17, Buffer.from(text));
}
