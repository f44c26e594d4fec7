import { latin1Text } from "../lib/latin1.ts";

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const IA5 = /^[\0-\x7f]*$/;
const MAX_OID_BYTES = 64;
/** Those that a certificate can have are fewer than 100; foreign ones may fill the rest. */
const MAX_KNOWN_OIDS = 512;
const UTC_TIME_BYTES = 13;
const GENERALIZED_TIME_BYTES = 15;
const Z = 0x5a;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Identifiers of up to 12 bytes by the two halves of their content: certificates repeat the same few. */
const knownOids = new Map<number, Map<number, string>>();
let knownOidCount = 0;

/**
 * The dotted form of an OBJECT IDENTIFIER whose content goes from `from` to `to`.
 *
 * @returns undefined unless every arc is in its shortest form and below 2^53
 * @see ITU-T X.690 section 8.19
 */
export function decodeOid(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (from === to || to - from > MAX_OID_BYTES) return undefined;
  const middle = Math.min(from + 6, to);
  const head = bytesAsNumber(bytes, from, middle);
  const tail = bytesAsNumber(bytes, middle, Math.min(from + 12, to));
  const known = to - from <= 12 ? knownOids.get(head)?.get(tail) : undefined;
  if (known !== undefined) return known;
  const oid = decodeArcs(bytes, from, to);
  if (oid === undefined || to - from > 12 || knownOidCount === MAX_KNOWN_OIDS) return oid;
  const tails = knownOids.get(head) ?? new Map<number, string>();
  knownOids.set(head, tails.set(tail, oid));
  knownOidCount++;
  return oid;
}

/** Up to 6 bytes as a number below 2^53; a leading 1 keeps lengths apart. */
function bytesAsNumber(bytes: Uint8Array, from: number, to: number): number {
  let value = 1;
  for (let at = from; at < to; at++) value = value * 256 + (bytes[at] ?? 0);
  return value;
}

function decodeArcs(bytes: Uint8Array, from: number, to: number): string | undefined {
  let oid = "";
  let arc = 0;
  let isInside = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (!isInside && byte === 0x80) return undefined;
    arc = arc * 128 + (byte & 0x7f);
    isInside = byte >= 0x80;
    if (arc > Number.MAX_SAFE_INTEGER) return undefined;
    if (isInside) continue;
    oid = oid === "" ? firstArcs(arc) : `${oid}.${arc}`;
    arc = 0;
  }
  return isInside ? undefined : oid;
}

/** The first two arcs share one number; only below root 2 may the second be 40 or more. */
function firstArcs(arc: number): string {
  if (arc < 40) return `0.${arc}`;
  return arc < 80 ? `1.${arc - 40}` : `2.${arc - 80}`;
}

/**
 * The text of a UTF8String, PrintableString or IA5String whose content goes from `from` to `to`.
 *
 * @returns undefined for other tags and for bytes outside of the alphabet
 * @see ITU-T X.680 chapter 41
 */
export function decodeDerString(tag: number, bytes: Uint8Array, from: number, to: number): string | undefined {
  switch (tag) {
    case 0x0c:
      return decodeUtf8(bytes, from, to);
    case 0x13:
      return matching(PRINTABLE, bytes, from, to);
    case 0x16:
      return matching(IA5, bytes, from, to);
    default:
      return undefined;
  }
}

/**
 * The instant of a UTCTime or GeneralizedTime as certificates have them: with seconds, without fractions, in UTC. The
 * content goes from `from` to `to`.
 *
 * @returns undefined for other tags, other forms and dates that are not in the calendar
 * @see RFC 5280 section 4.1.2.5
 */
export function decodeDerTime(tag: number, bytes: Uint8Array, from: number, to: number): Date | undefined {
  const isUtcTime = tag === 0x17 && to - from === UTC_TIME_BYTES;
  const isGeneralizedTime = tag === 0x18 && to - from === GENERALIZED_TIME_BYTES;
  if ((!isUtcTime && !isGeneralizedTime) || bytes[to - 1] !== Z) return undefined;
  const first = twoDigits(bytes, from);
  const at = isUtcTime ? from + 2 : from + 4;
  const year = isUtcTime ? first + (first < 50 ? 2000 : 1900) : first * 100 + twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, at);
  const day = twoDigits(bytes, at + 2);
  const hours = twoDigits(bytes, at + 4);
  const minutes = twoDigits(bytes, at + 6);
  const seconds = twoDigits(bytes, at + 8);
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hours, minutes, seconds);
  // What is not in the calendar, such as 30 February or 24 o'clock, moves into the next unit.
  const isOfCalendar =
    instant.getUTCMonth() === month - 1 &&
    instant.getUTCDate() === day &&
    instant.getUTCHours() === hours &&
    instant.getUTCMinutes() === minutes &&
    instant.getUTCSeconds() === seconds;
  return isOfCalendar ? instant : undefined;
}

/** NaN unless both are decimal digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 0x30;
  const ones = (bytes[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function decodeUtf8(bytes: Uint8Array, from: number, to: number): string | undefined {
  const ascii = matching(IA5, bytes, from, to);
  if (ascii !== undefined) return ascii;
  try {
    return strictUtf8.decode(bytes.subarray(from, to));
  } catch {
    return undefined;
  }
}

function matching(alphabet: RegExp, bytes: Uint8Array, from: number, to: number): string | undefined {
  const text = latin1Text(bytes, from, to);
  return alphabet.test(text) ? text : undefined;
}
