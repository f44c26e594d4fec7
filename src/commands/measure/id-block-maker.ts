import { parseGuestPolicy } from "../../attestation/snp/guest-policy.ts";
import { encodeIdBlock, ID_BYTES } from "../../measure/snp/id-block.ts";
import { type IdAuth, type IdKeys, signIdBlock } from "../../measure/snp/id-auth.ts";
import { readIdKey } from "../../measure/snp/id-key.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { hexFlag } from "../hex-flag.ts";
import { numberFlag } from "../number-flag.ts";
import { missingFlag } from "./missing-flag.ts";

/** An ID block with what authenticates it. */
export interface SignedIdBlock {
  /** 96 bytes. */
  readonly block: Uint8Array;
  readonly auth: IdAuth;
}

/** Makes the ID block for a launch digest. */
export type IdBlockMaker = (launchDigest: Uint8Array) => SignedIdBlock;

const FLAGS = ["guest-policy", "guest-svn", "family-id", "image-id", "id-key", "author-key"];

/**
 * Reads `--id-block` and the flags that go with it.
 *
 * @returns undefined where no block is asked for
 * @throws UsageError `terminal/invalid-argument`, `terminal/required-flag`; ContrastError `snp/policy-reserved-set`,
 *   `measure/id-key-invalid` and those of files and PEM
 */
export async function idBlockMaker(flags: ParsedFlags): Promise<IdBlockMaker | undefined> {
  if (!flags.boolean("id-block")) {
    const other = FLAGS.find((name) => flags.isSet(name));
    if (other === undefined) return undefined;
    throw missingFlag("id-block", other);
  }
  const policy = numberFlag(flags, "guest-policy", 2n ** 64n - 1n) ?? 0n;
  // The processor starts no guest with another policy, so a block for one is of no use.
  parseGuestPolicy(policy);
  const guestSvn = Number(numberFlag(flags, "guest-svn", 0xffff_ffffn) ?? 0n);
  const familyId = idFlag(flags, "family-id");
  const imageId = idFlag(flags, "image-id");
  const keys: IdKeys = {
    idKey: await keyFlag(flags, "id-key", "ID key"),
    authorKey: await keyFlag(flags, "author-key", "author key"),
  };
  return (launchDigest) => {
    const block = encodeIdBlock({ launchDigest, familyId, imageId, guestSvn, policy });
    return { block, auth: signIdBlock(block, keys) };
  };
}

function idFlag(flags: ParsedFlags, name: string): Uint8Array {
  return hexFlag(flags, name, ID_BYTES) ?? Uint8Array.fromHex(flags.string(name));
}

async function keyFlag(flags: ParsedFlags, name: string, role: string): Promise<IdKeys["idKey"]> {
  return flags.isSet(name) ? await readIdKey(flags.string(name), role) : undefined;
}
