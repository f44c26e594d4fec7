import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

/** What HelloRetryRequest has in place of random bytes. */
const RETRY_RANDOM = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");

/** A number of so many bytes, big-endian. */
export function uint(byteCount: number, value: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  bytes.writeUIntBE(value, 0, byteCount);
  return bytes;
}

/** Bytes with their length in front. */
export function vector(lengthBytes: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint(lengthBytes, content.length), content]);
}

/** A record as it stands on the wire. */
export function record(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(type, 3, 3), vector(2, ...parts)]);
}

/** A handshake message. */
export function message(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(type), vector(3, ...parts)]);
}

/** An extension of a hello or a request. */
export function extension(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([uint(2, type), vector(2, ...parts)]);
}

/** Parts of a ServerHello; without `selected` it is one of TLS 1.2. */
export interface HelloParts {
  readonly suite?: number;
  readonly selected?: number;
  readonly legacy?: number;
  readonly retry?: boolean;
}

/** A ServerHello without its header. */
export function serverHelloBody({ suite = 0x1301, selected, legacy = 0x0303, retry = false }: HelloParts = {}): Buffer {
  const random = retry ? RETRY_RANDOM : randomBytes(32);
  const extensions = [extension(51, randomBytes(36))];
  if (selected !== undefined) extensions.push(extension(43, uint(2, selected)));
  return Buffer.concat([
    uint(2, legacy),
    random,
    vector(1, randomBytes(32)),
    uint(2, suite),
    Buffer.of(0),
    vector(2, ...extensions),
  ]);
}

/** A ServerHello. */
export function serverHello(parts: HelloParts): Buffer {
  return message(2, serverHelloBody(parts));
}

/** A list of authorities as both versions have it. */
function authorityList(names: readonly Uint8Array[]): Buffer {
  return vector(2, ...names.map((name) => vector(2, name)));
}

/** A CertificateRequest of TLS 1.3 without its header; undefined: without the list of authorities. */
export function requestBody13(names: readonly Uint8Array[] | undefined): Buffer {
  const algorithms = extension(13, vector(2, uint(2, 0x0403)));
  const authorities = names === undefined ? [] : [extension(47, authorityList(names))];
  return Buffer.concat([vector(1), vector(2, algorithms, ...authorities)]);
}

/** A CertificateRequest of TLS 1.2 without its header. */
export function requestBody12(names: readonly Uint8Array[]): Buffer {
  return Buffer.concat([vector(1, Buffer.of(64)), vector(2, uint(2, 0x0403)), authorityList(names)]);
}

/** A distinguished name of one common name. */
export function commonName(text: string, tag = 0x13): Buffer {
  const value = Buffer.concat([Buffer.of(tag), vector(1, Buffer.from(text))]);
  return der(0x30, der(0x31, der(0x30, Buffer.from("0603550403", "hex"), value)));
}

/** A DER element of fewer than 128 bytes. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(tag), vector(1, ...parts)]);
}

const SUITES = {
  0x1301: ["sha256", "aes-128-gcm", 16],
  0x1302: ["sha384", "aes-256-gcm", 32],
  0x1303: ["sha256", "chacha20-poly1305", 32],
} as const;

/** Seals records as one side of TLS 1.3 does; written apart from the product, from RFC 8446. */
export class RecordSealer {
  readonly #suite: keyof typeof SUITES;
  readonly #secret: Buffer;
  #count = 0;

  constructor(suite: keyof typeof SUITES, secret: Buffer) {
    this.#suite = suite;
    this.#secret = secret;
  }

  /** One encrypted record. */
  seal(innerType: number, content: Uint8Array, padding = 0): Buffer {
    const [hash, cipher, keyBytes] = SUITES[this.#suite];
    const key = this.#expand(hash, "key", keyBytes);
    const nonce = Buffer.from(this.#expand(hash, "iv", 12));
    for (const [index, byte] of uint(6, this.#count).entries()) nonce[6 + index] = nonce[6 + index]! ^ byte;
    this.#count++;
    const plain = Buffer.concat([content, Buffer.of(innerType), Buffer.alloc(padding)]);
    const header = Buffer.concat([Buffer.of(23, 3, 3), uint(2, plain.length + 16)]);
    if (cipher === "chacha20-poly1305") {
      return Buffer.concat([header, chacha20poly1305(key, nonce, header).encrypt(plain)]);
    }
    const sealed = createCipheriv(cipher, key, nonce);
    sealed.setAAD(header);
    return Buffer.concat([header, sealed.update(plain), sealed.final(), sealed.getAuthTag()]);
  }

  #expand(hash: string, label: string, length: number): Buffer {
    const info = Buffer.concat([uint(2, length), vector(1, Buffer.from(`tls13 ${label}`)), vector(1)]);
    return createHmac(hash, this.#secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
  }
}
