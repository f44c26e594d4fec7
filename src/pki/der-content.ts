const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const IA5 = /^[\0-\x7f]*$/;
const UTC_TIME = /^\d{12}Z$/;
const GENERALIZED_TIME = /^\d{14}Z$/;
const MAX_OID_BYTES = 64;
const MAX_TIME_BYTES = 15;

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
  const arcs: number[] = [];
  let arc = 0;
  let isInside = false;
  for (const byte of content) {
    if (!isInside && byte === 0x80) return undefined;
    arc = arc * 128 + (byte & 0x7f);
    isInside = byte >= 0x80;
    if (arc > Number.MAX_SAFE_INTEGER) return undefined;
    if (isInside) continue;
    if (arcs.length === 0) {
      const root = Math.min(Math.trunc(arc / 40), 2);
      arcs.push(root, arc - root * 40);
    } else {
      arcs.push(arc);
    }
    arc = 0;
  }
  return isInside ? undefined : arcs.join(".");
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
  if (content.length > MAX_TIME_BYTES) return undefined;
  const text = latin1.decode(content);
  if (tag === 0x17 && UTC_TIME.test(text)) return instantOf(`${text < "50" ? "20" : "19"}${text}`);
  if (tag === 0x18 && GENERALIZED_TIME.test(text)) return instantOf(text);
  return undefined;
}

function instantOf(text: string): Date | undefined {
  const [, year, month, day, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`;
  const instant = new Date(iso);
  // A day such as 30 February moves into the next month, an impossible hour gives no instant.
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === iso ? instant : undefined;
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
