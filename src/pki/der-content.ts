const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const IA5 = /^[\0-\x7f]*$/;
const MAX_OID_BYTES = 64;
const UTC_TIME_BYTES = 13;
const GENERALIZED_TIME_BYTES = 15;
const Z = 0x5a;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/**
 * The dotted form of the content of an OBJECT IDENTIFIER.
 *
 * @returns undefined unless every arc is in its shortest form and below 2^53
 * @see ITU-T X.690 section 8.19
 */
export function decodeOid(content: Uint8Array): string | undefined {
  if (content.length === 0 || content.length > MAX_OID_BYTES) return undefined;
  let oid = "";
  let arc = 0;
  let isInside = false;
  for (const byte of content) {
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
 * The text of a UTF8String, PrintableString or IA5String.
 *
 * @returns undefined for other tags and for bytes outside of the alphabet
 * @see ITU-T X.680 chapter 41
 */
export function decodeDerString(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case 0x0c:
      return decodeUtf8(content);
    case 0x13:
      return matching(PRINTABLE, content);
    case 0x16:
      return matching(IA5, content);
    default:
      return undefined;
  }
}

/**
 * The instant of a UTCTime or GeneralizedTime as certificates have them: with seconds, without fractions, in UTC.
 *
 * @returns undefined for other tags, other forms and dates that are not in the calendar
 * @see RFC 5280 section 4.1.2.5
 */
export function decodeDerTime(tag: number, content: Uint8Array): Date | undefined {
  const isUtcTime = tag === 0x17 && content.length === UTC_TIME_BYTES;
  const isGeneralizedTime = tag === 0x18 && content.length === GENERALIZED_TIME_BYTES;
  if ((!isUtcTime && !isGeneralizedTime) || content.at(-1) !== Z) return undefined;
  const first = twoDigits(content, 0);
  const at = isUtcTime ? 2 : 4;
  const year = isUtcTime ? first + (first < 50 ? 2000 : 1900) : first * 100 + twoDigits(content, 2);
  const month = twoDigits(content, at);
  const day = twoDigits(content, at + 2);
  const hours = twoDigits(content, at + 4);
  const minutes = twoDigits(content, at + 6);
  const seconds = twoDigits(content, at + 8);
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
function twoDigits(content: Uint8Array, at: number): number {
  const tens = (content[at] ?? 0) - 0x30;
  const ones = (content[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function decodeUtf8(content: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(content);
  } catch {
    return undefined;
  }
}

function matching(alphabet: RegExp, content: Uint8Array): string | undefined {
  const text = latin1.decode(content);
  return alphabet.test(text) ? text : undefined;
}
