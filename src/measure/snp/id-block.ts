import { LAUNCH_DIGEST_BYTES } from "./launch-digest.ts";

/** What the owner of a guest demands of its launch; the processor refuses to start any other guest. */
export interface IdBlock {
  /** 48 bytes. */
  readonly launchDigest: Uint8Array;
  /** 16 bytes each; show in attestation reports. */
  readonly familyId: Uint8Array;
  readonly imageId: Uint8Array;
  /** Security version of the guest; 32 bits. */
  readonly guestSvn: number;
  /** Guest policy; 64 bits. */
  readonly policy: bigint;
}

/** Size of FAMILY_ID and IMAGE_ID. */
export const ID_BYTES = 16;

const ID_BLOCK_BYTES = 96;
const VERSION = 1;

/**
 * Encodes an ID block:
 *
 *     offset  size  field
 *          0    48  launch digest
 *         48    16  family id
 *         64    16  image id
 *         80     4  version, 1; numbers are little-endian
 *         84     4  security version of the guest
 *         88     8  guest policy
 *
 * @see AMD 56860 (SEV-SNP ABI), 8.18 SNP_LAUNCH_FINISH, structure ID_BLOCK
 */
export function encodeIdBlock({ launchDigest, familyId, imageId, guestSvn, policy }: IdBlock): Uint8Array {
  const block = new Uint8Array(ID_BLOCK_BYTES);
  const view = new DataView(block.buffer);
  block.set(launchDigest);
  block.set(familyId, LAUNCH_DIGEST_BYTES);
  block.set(imageId, LAUNCH_DIGEST_BYTES + ID_BYTES);
  view.setUint32(80, VERSION, true);
  view.setUint32(84, guestSvn, true);
  view.setBigUint64(88, policy, true);
  return block;
}
