import { createHash, type Hash } from "node:crypto";
import { PAGE_BYTES } from "../firmware-image.ts";
import type { TdvfSection } from "./tdvf-metadata.ts";

/**
 * In which order the host adds pages and measures them: `page` measures each page right after it was added (KVM since
 * Linux 6.16), `section` adds all pages of a section first (earlier series of KVM patches).
 */
export type PageOrder = "page" | "section";

const BUFFER_BYTES = 128;
const ADDRESS_OFFSET = 16;

/** One TDH.MR.EXTEND covers so much of a page. */
const CHUNK_BYTES = 256;

const PAGE_ADD = extensionBuffer("MEM.PAGE.ADD");
const MR_EXTEND = extensionBuffer("MR.EXTEND");

/**
 * MRTD: SHA-384 over one record of 128 bytes for each page added and for each 256 bytes measured (those follow it).
 *
 *     offset  size  field
 *          0    12  "MEM.PAGE.ADD" or "MR.EXTEND", filled up with zeros
 *         16     8  guest-physical address, little-endian
 *         24   104  zero
 *
 * @returns 48 bytes
 * @see Intel TDX Module base architecture specification, sections on measurement; TDH.MEM.PAGE.ADD, TDH.MR.EXTEND
 */
export function measureMrtd(sections: readonly TdvfSection[], order: PageOrder = "page"): Uint8Array {
  const digest = createHash("sha384");
  for (const section of sections) {
    if (section.kind === "permanent") continue;
    const pages = Array.from({ length: section.sizeBytes / PAGE_BYTES }, (_, index) => index * PAGE_BYTES);
    if (order === "section") for (const offset of pages) addPage(digest, section, offset);
    for (const offset of pages) {
      if (order === "page") addPage(digest, section, offset);
      if (section.extendsMrtd) extendPage(digest, section, offset);
    }
  }
  return new Uint8Array(digest.digest());
}

function addPage(digest: Hash, { address }: TdvfSection, offset: number): void {
  setAddress(PAGE_ADD, address + offset);
  digest.update(PAGE_ADD);
}

function extendPage(digest: Hash, { address, content }: TdvfSection, pageOffset: number): void {
  for (let offset = pageOffset; offset < pageOffset + PAGE_BYTES; offset += CHUNK_BYTES) {
    setAddress(MR_EXTEND, address + offset);
    digest.update(MR_EXTEND);
    const chunk = content.subarray(offset, offset + CHUNK_BYTES);
    digest.update(chunk);
    if (chunk.length < CHUNK_BYTES) digest.update(new Uint8Array(CHUNK_BYTES - chunk.length));
  }
}

function extensionBuffer(operation: string): Uint8Array {
  const buffer = new Uint8Array(BUFFER_BYTES);
  buffer.set(new TextEncoder().encode(operation));
  return buffer;
}

function setAddress(buffer: Uint8Array, address: number): void {
  new DataView(buffer.buffer).setBigUint64(ADDRESS_OFFSET, BigInt(address), true);
}
