import { ContrastError } from "../../lib/errors.ts";

/** Certificates that the host gave to the machine, DER; nothing of them is verified. */
export interface CertificateTable {
  readonly vcek?: Uint8Array;
  readonly vlek?: Uint8Array;
  /** ASK or ASVK. */
  readonly ask?: Uint8Array;
  readonly ark?: Uint8Array;
}

type Role = keyof CertificateTable;

/** In the order in which the text of a GUID is written, which is that of the table. */
const ROLES: ReadonlyMap<string, Role> = new Map([
  ["63da758de6644564adc5f4b93be8accd", "vcek"],
  ["a8074bc2a25a483eaae639c045a0b8a1", "vlek"],
  ["4ab7b379bbac4fe4a02f05aef327c782", "ask"],
  ["c0b406a4a803495297433fb6014cd0ae", "ark"],
]);

const GUID_SIZE = 16;
const ENTRY_SIZE = 24;
const MAX_TABLE_BYTES = 256 * 1024;
const MAX_ENTRIES = 32;
const MAX_CERTIFICATE_BYTES = 16 * 1024;

/**
 * Reads the certificate table of an extended report. The host writes it, so every range is checked; entries of other
 * kinds are skipped.
 *
 *     offset  size  field
 *          0    16  GUID
 *         16     4  offset of the content from the start of the table, little-endian
 *         20     4  length of the content, little-endian
 *
 * An entry of zeros ends the list; contents lie behind it.
 *
 * @param bytes at most 256 KiB, with whatever follows the last content; copied; nothing at all is an empty table
 * @throws ContrastError `issuer/certificates-malformed`
 * @see AMD 56421 (SEV-ES GHCB), SNP extended guest request
 */
export function parseCertificateTable(bytes: Uint8Array): CertificateTable {
  if (bytes.length > MAX_TABLE_BYTES) throw malformed(`got ${bytes.length} bytes, limit ${MAX_TABLE_BYTES}`);
  if (bytes.length === 0) return {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = countEntries(bytes);
  const contentStart = (count + 1) * ENTRY_SIZE;
  const table: { [role in Role]?: Uint8Array } = {};
  for (let index = 0; index < count; index++) {
    const at = index * ENTRY_SIZE;
    const guid = bytes.subarray(at, at + GUID_SIZE).toHex();
    const start = view.getUint32(at + GUID_SIZE, true);
    const length = view.getUint32(at + GUID_SIZE + 4, true);
    const place = `entry ${index + 1} (${guid})`;
    if (start < contentStart) throw malformed(`${place} begins at ${start}, within the list`);
    if (start + length > bytes.length) throw malformed(`${place} ends at ${start + length}, behind the table`);
    const role = ROLES.get(guid);
    if (role === undefined) continue;
    if (length === 0 || length > MAX_CERTIFICATE_BYTES) throw malformed(`${place} has ${length} bytes`);
    if (table[role] !== undefined) throw malformed(`${place} is there twice`);
    table[role] = bytes.slice(start, start + length);
  }
  return table;
}

/** Entries before the one of zeros. */
function countEntries(bytes: Uint8Array): number {
  for (let count = 0; (count + 1) * ENTRY_SIZE <= bytes.length; count++) {
    const entry = bytes.subarray(count * ENTRY_SIZE, (count + 1) * ENTRY_SIZE);
    if (entry.every((byte) => byte === 0)) return count;
    if (count === MAX_ENTRIES) throw malformed(`it has more than ${MAX_ENTRIES} entries`);
  }
  throw malformed("no entry of zeros ends its list");
}

function malformed(fact: string): ContrastError {
  return new ContrastError("issuer/certificates-malformed", `Cannot read the certificate table of the host: ${fact}`);
}
