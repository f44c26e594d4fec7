import { sameBytes } from "../../lib/same-bytes.ts";
import { unicodeEscape } from "../../lib/unicode-escape.ts";
import { visibleText } from "../../lib/visible-text.ts";
import { DerReader } from "../der-reader.ts";

/** A distinguished name. */
export interface Name {
  readonly der: Uint8Array;
  /** In order of appearance; the parts of a multi-valued RDN stand one after the other. */
  readonly attributes: readonly NameAttribute[];
}

/** One type and value of a name. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
  /** Tag of the string, such as 0x13 for PrintableString. */
  readonly tag: number;
}

/** Object identifiers of the attributes that vendors and Contrast use. */
export const NAME_OID = {
  commonName: "2.5.4.3",
  country: "2.5.4.6",
  locality: "2.5.4.7",
  state: "2.5.4.8",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
} as const;

const SHORT_NAMES = new Map<string, string>([
  [NAME_OID.commonName, "CN"],
  [NAME_OID.country, "C"],
  [NAME_OID.locality, "L"],
  [NAME_OID.state, "ST"],
  [NAME_OID.organization, "O"],
  [NAME_OID.organizationalUnit, "OU"],
]);

const MAX_ATTRIBUTES = 64;

/**
 * Reads a Name (RDNSequence).
 *
 * @param source the bytes of the whole name, or a reader that has it next
 * @param what named in messages; only used with bytes
 * @throws ContrastError `pki/der-invalid`
 * @see RFC 5280 section 4.1.2.4
 */
export function parseName(source: Uint8Array | DerReader, what = "name"): Name {
  const outer = source instanceof DerReader ? source : new DerReader(source, what);
  const reader = outer.sequence();
  if (outer !== source) outer.end();
  const attributes: NameAttribute[] = [];
  while (!reader.isEmpty) {
    const rdn = reader.set();
    do {
      if (attributes.length === MAX_ATTRIBUTES)
        throw reader.invalid(`a name of more than ${MAX_ATTRIBUTES} attributes`);
      const attribute = rdn.sequence();
      const oid = attribute.oid();
      const { tag, value } = attribute.string();
      attribute.end();
      attributes.push({ oid, value, tag });
    } while (!rdn.isEmpty);
  }
  return { der: reader.der, attributes };
}

/** The value of an attribute that the name has exactly once. */
export function nameAttribute(name: Name, oid: string): string | undefined {
  const [first, second] = name.attributes.filter((attribute) => attribute.oid === oid);
  return second === undefined ? first?.value : undefined;
}

const renderedNames = new WeakMap<Name, string>();

/** A name for people on one line, in order of appearance: `CN=ARK-Milan, O=Advanced Micro Devices`. */
export function renderName(name: Name): string {
  const known = renderedNames.get(name);
  if (known !== undefined) return known;
  const text = name.attributes
    .map(({ oid, value }) => `${SHORT_NAMES.get(oid) ?? oid}=${renderValue(value)}`)
    .join(", ");
  renderedNames.set(name, text);
  return text;
}

/** Whether two names are the same bytes; names that differ only in case, spaces or string type are not. */
export function sameName(a: Name, b: Name): boolean {
  return sameBytes(a.der, b.der);
}

/** Characters that need no mark; most names have no others. */
const PLAIN_VALUE = /^[A-Za-z0-9 .:/@_()-]*$/;

/** What separates attributes is marked, so that a value cannot pass for two. */
function renderValue(value: string): string {
  if (PLAIN_VALUE.test(value)) return value;
  return visibleText(value.replaceAll(/[\\,+"]/g, String.raw`\$&`)).replaceAll(/[\n\t]/g, unicodeEscape);
}
