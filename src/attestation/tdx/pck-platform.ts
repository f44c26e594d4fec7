import { ContrastError } from "../../lib/errors.ts";
import { DerReader } from "../../pki/der-reader.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { extensionOf } from "../../pki/x509/extensions.ts";

/** What Intel's certificate for one platform states about it. */
export interface PckPlatform {
  /** 32 lower-case hexadecimal digits; names the platform. */
  readonly ppid: string;
  /** 16 parts of the platform's TCB, each 0..255. */
  readonly sgxComponents: readonly number[];
  /** 0..65535 */
  readonly pceSvn: number;
  /** 32 lower-case hexadecimal digits. */
  readonly cpuSvn: string;
  /** 4 lower-case hexadecimal digits. */
  readonly pceId: string;
  /** Family, model, stepping, platform type: 12 lower-case hexadecimal digits. */
  readonly fmspc: string;
  /** How memory is protected. */
  readonly sgxType: SgxType | undefined;
  /** 32 lower-case hexadecimal digits; certificates of the Platform CA have it. */
  readonly platformInstanceId: string | undefined;
  readonly configuration: PckConfiguration | undefined;
}

/** Of a platform with several processors. */
export interface PckConfiguration {
  readonly dynamicPlatform: boolean | undefined;
  readonly cachedKeys: boolean | undefined;
  readonly smtEnabled: boolean | undefined;
}

/** Names of the numbers 0 to 2. */
const SGX_TYPES = ["standard", "scalable", "scalable with integrity"] as const;

/** @see Intel SGX PCK Certificate and CRL Profile Specification, 1.5 (SGX Type) */
export type SgxType = (typeof SGX_TYPES)[number];

/** Object identifier of the extension; its members have it as prefix. */
export const SGX_EXTENSION_OID = "1.2.840.113741.1.13.1";

const MAX_MEMBERS = 32;

/**
 * Reads Intel's extension of a PCK certificate.
 *
 *     SEQUENCE OF SEQUENCE { OID, value }
 *     .1  PPID           OCTET STRING, 16 bytes
 *     .2  TCB            SEQUENCE of 18 pairs: 16 components, PCESVN, CPUSVN
 *     .3  PCE-ID         OCTET STRING, 2 bytes
 *     .4  FMSPC          OCTET STRING, 6 bytes
 *     .5  SGX type       ENUMERATED
 *     .6  instance id    OCTET STRING, 16 bytes
 *     .7  configuration  SEQUENCE of pairs with BOOLEAN
 *
 * Members with other numbers are ignored; each may stand once.
 *
 * @throws ContrastError `tdx/pck-extension-invalid`
 * @see Intel SGX PCK Certificate and CRL Profile Specification, 1.3.5
 */
export function parsePckPlatform(pck: Certificate): PckPlatform {
  const extension = extensionOf(pck, SGX_EXTENSION_OID);
  if (extension === undefined) throw invalid("it has no SGX extension");
  try {
    return readPlatform(extension.value);
  } catch (error) {
    if (!(error instanceof ContrastError) || error.code === "tdx/pck-extension-invalid") throw error;
    throw new ContrastError("tdx/pck-extension-invalid", "Cannot read PCK certificate: malformed SGX extension", {
      cause: error,
    });
  }
}

function readPlatform(value: Uint8Array): PckPlatform {
  const reader = new DerReader(value, "SGX extension");
  const members = readPairs(reader.sequence(), SGX_EXTENSION_OID);
  reader.end();
  const tcb = readPairs(
    required(members, 2, "TCB", (member) => member.sequence()),
    `${SGX_EXTENSION_OID}.2`,
  );
  const sgxType = optional(members, 5, (member) => member.enumerated(SGX_TYPES.length - 1));
  const configuration = optional(members, 7, (member) => member.sequence());
  return {
    ppid: required(members, 1, "PPID", octets(16)),
    sgxComponents: Array.from({ length: 16 }, (_, part) =>
      required(tcb, part + 1, `component ${part + 1} of the TCB`, (member) => member.smallInteger(255)),
    ),
    pceSvn: required(tcb, 17, "PCESVN", (member) => member.smallInteger(0xffff)),
    cpuSvn: required(tcb, 18, "CPUSVN", octets(16)),
    pceId: required(members, 3, "PCE-ID", octets(2)),
    fmspc: required(members, 4, "FMSPC", octets(6)),
    sgxType: sgxType === undefined ? undefined : SGX_TYPES[sgxType],
    platformInstanceId: optional(members, 6, octets(16)),
    configuration: configuration && readConfiguration(configuration),
  };
}

function readConfiguration(list: DerReader): PckConfiguration {
  const flags = readPairs(list, `${SGX_EXTENSION_OID}.7`);
  const flag = (number: number): boolean | undefined => optional(flags, number, (member) => member.boolean());
  return { dynamicPlatform: flag(1), cachedKeys: flag(2), smtEnabled: flag(3) };
}

/** Readers that stand before the values, by the last number of their identifiers. */
function readPairs(list: DerReader, prefix: string): ReadonlyMap<number, DerReader> {
  const values = new Map<number, DerReader>();
  while (!list.isEmpty) {
    if (values.size >= MAX_MEMBERS) throw invalid(`more than ${MAX_MEMBERS} members in ${prefix}`);
    const pair = list.sequence();
    const oid = pair.oid();
    const number = oid.startsWith(`${prefix}.`) ? Number(oid.slice(prefix.length + 1)) : Number.NaN;
    if (!Number.isInteger(number)) throw invalid(`member ${oid} stands in ${prefix}`);
    if (values.has(number)) throw invalid(`member ${oid} stands twice`);
    values.set(number, pair);
  }
  return values;
}

function required<T>(
  members: ReadonlyMap<number, DerReader>,
  number: number,
  name: string,
  read: (member: DerReader) => T,
): T {
  const value = optional(members, number, read);
  if (value === undefined) throw invalid(`${name} is missing in the SGX extension`);
  return value;
}

/** Reads the value of a member, which is all that the member has. */
function optional<T>(
  members: ReadonlyMap<number, DerReader>,
  number: number,
  read: (member: DerReader) => T,
): T | undefined {
  const member = members.get(number);
  if (member === undefined) return undefined;
  const value = read(member);
  member.end();
  return value;
}

function octets(size: number): (member: DerReader) => string {
  return (member) => {
    const bytes = member.octetString();
    if (bytes.length !== size) throw invalid(`got ${bytes.length} bytes in the SGX extension, need ${size}`);
    return bytes.toHex();
  };
}

function invalid(fact: string): ContrastError {
  return new ContrastError("tdx/pck-extension-invalid", `Cannot read PCK certificate: ${fact}`);
}
