import { sha384 } from "../../lib/digest.ts";
import { PAGE_BYTES } from "../firmware-image.ts";

/** How a page comes into the guest; the firmware of the processor measures it with the page. */
export type PageType = keyof typeof PAGE_TYPES;

const PAGE_TYPES = { normal: 1, vmsa: 2, zero: 3, unmeasured: 4, secrets: 5, cpuid: 6 } as const;

/** Size of a launch digest. */
export const LAUNCH_DIGEST_BYTES = 48;

const PAGE_INFO_BYTES = 112;
const CONTENTS_AT = 48;
const LENGTH_AT = 96;
const TYPE_AT = 98;
const ADDRESS_AT = 104;

/**
 * The digest of what a guest with SEV-SNP starts with. Each page replaces the digest by the SHA-384 of a PAGE_INFO:
 *
 *     offset  size  field
 *          0    48  digest before this page; zero at first
 *         48    48  SHA-384 of the page, zero for pages whose content is not measured
 *         96     2  length of this structure, 112, little-endian
 *         98     1  type of the page
 *         99     1  whether the page belongs to an initial migration image: never
 *        100     4  rights of the VMPLs 3 to 1, and a reserved byte: all zero
 *        104     8  guest-physical address, little-endian
 *
 * @see AMD 56860 (SEV-SNP ABI), 8.17 SNP_LAUNCH_UPDATE, structure PAGE_INFO
 */
export class LaunchDigest {
  readonly #pageInfo = new Uint8Array(PAGE_INFO_BYTES);
  readonly #view = new DataView(this.#pageInfo.buffer);

  /** @param start the digest of what was measured before; 48 bytes */
  constructor(start?: Uint8Array) {
    if (start !== undefined) this.#pageInfo.set(start);
    this.#view.setUint16(LENGTH_AT, PAGE_INFO_BYTES, true);
  }

  /** The digest of all pages so far; a copy. */
  get value(): Uint8Array {
    return this.#pageInfo.slice(0, LAUNCH_DIGEST_BYTES);
  }

  /**
   * Measures memory whose content counts, page by page.
   *
   * @param address of the first byte; below 2^53
   * @param content whole pages
   */
  addContent(type: "normal" | "vmsa", address: number, content: Uint8Array): void {
    for (let offset = 0; offset < content.length; offset += PAGE_BYTES) {
      this.#pageInfo.set(sha384(content.subarray(offset, offset + PAGE_BYTES)), CONTENTS_AT);
      this.#add(type, address + offset);
    }
  }

  /** Measures pages of which only place and type count. */
  addPages(type: Exclude<PageType, "normal" | "vmsa">, address: number, sizeBytes: number): void {
    this.#pageInfo.fill(0, CONTENTS_AT, LENGTH_AT);
    for (let offset = 0; offset < sizeBytes; offset += PAGE_BYTES) this.#add(type, address + offset);
  }

  #add(type: PageType, address: number): void {
    this.#view.setUint8(TYPE_AT, PAGE_TYPES[type]);
    this.#view.setBigUint64(ADDRESS_AT, BigInt(address), true);
    this.#pageInfo.set(sha384(this.#pageInfo));
  }
}
