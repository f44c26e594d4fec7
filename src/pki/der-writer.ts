import { DER_TAG } from "./der-reader.ts";

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const text = new TextEncoder();
/** Certificates repeat the same few; the claims of both kinds of hardware are about 100. */
const MAX_KNOWN_OIDS = 256;
const knownOids = new Map<string, Uint8Array>();

/** One element: tag, shortest length, content. */
export function derElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes = length < 0x80 ? [length] : longLength(length);
  const element = new Uint8Array(1 + lengthBytes.length + length);
  element[0] = tag;
  element.set(lengthBytes, 1);
  let at = 1 + lengthBytes.length;
  for (const part of parts) {
    element.set(part, at);
    at += part.length;
  }
  return element;
}

/** A SEQUENCE of elements that are already encoded. */
export function derSequence(...parts: readonly Uint8Array[]): Uint8Array {
  return derElement(DER_TAG.sequence, ...parts);
}

/** A SET; elements of more than one are written in the order of their bytes. */
export function derSet(...parts: readonly Uint8Array[]): Uint8Array {
  return derElement(DER_TAG.set, ...parts.toSorted(compareBytes));
}

/** What an explicit tag `[n]` wraps; n is 0..30. */
export function derExplicit(n: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return derElement(0xa0 | n, ...parts);
}

/** An INTEGER in its shortest form. */
export function derInteger(value: bigint): Uint8Array {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  const digits = BigInt.asUintN(bytes * 8, value).toString(16);
  return derElement(DER_TAG.integer, Uint8Array.fromHex(digits.padStart(bytes * 2, "0")));
}

/** A BOOLEAN; true is the byte 0xff. */
export function derBoolean(value: boolean): Uint8Array {
  return derElement(DER_TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A NULL. */
export function derNull(): Uint8Array {
  return derElement(DER_TAG.null);
}

/** An OBJECT IDENTIFIER from its dotted form; each arc is below 2^53. The bytes may be shared and must not be modified. */
export function derOid(oid: string): Uint8Array {
  const known = knownOids.get(oid);
  if (known !== undefined) return known;
  const der = encodeOid(oid);
  if (knownOids.size < MAX_KNOWN_OIDS) knownOids.set(oid, der);
  return der;
}

function encodeOid(oid: string): Uint8Array {
  const [root = 0, second = 0, ...arcs] = oid.split(".").map(Number);
  return derElement(DER_TAG.oid, Uint8Array.from([root * 40 + second, ...arcs].flatMap(base128)));
}

/** An OCTET STRING. */
export function derOctetString(content: Uint8Array): Uint8Array {
  return derElement(DER_TAG.octetString, content);
}

/** A BIT STRING of whole bytes. */
export function derBitString(content: Uint8Array): Uint8Array {
  return derElement(DER_TAG.bitString, Uint8Array.of(0), content);
}

/** A UTF8String. */
export function derUtf8(value: string): Uint8Array {
  return derElement(DER_TAG.utf8String, text.encode(value));
}

/** A PrintableString where the alphabet allows it, else a UTF8String. */
export function derText(value: string): Uint8Array {
  return PRINTABLE.test(value) ? derElement(DER_TAG.printableString, text.encode(value)) : derUtf8(value);
}

/** UTCTime for the years 1950 to 2049, GeneralizedTime for others; fractions of a second are cut off. */
export function derTime(instant: Date): Uint8Array {
  const digits = instant
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(/[-:T]/g, "");
  const year = instant.getUTCFullYear();
  if (year >= 1950 && year < 2050) return derElement(DER_TAG.utcTime, text.encode(`${digits.slice(2)}Z`));
  return derElement(DER_TAG.generalizedTime, text.encode(`${digits}Z`));
}

function longLength(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.trunc(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.trunc(arc / 128); rest > 0; rest = Math.trunc(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const different = a.findIndex((byte, index) => byte !== b[index]);
  return different < 0 ? a.length - b.length : (a[different] ?? 0) - (b[different] ?? -1);
}
