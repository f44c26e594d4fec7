import * as v from "valibot";
import { checkShape } from "../lib/check-shape.ts";
import { ContrastError } from "../lib/errors.ts";
import { parseJson } from "../lib/json.ts";

/** The cipher and length of key that `cryptsetup` has by default, and that volumes are formatted with. */
export const LUKS_CIPHER = "aes-xts-plain64";
const KEY_BYTES = 64;

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 16 };

const cipher = v.literal(LUKS_CIPHER);

const keyslot = v.object({
  type: v.literal("luks2"),
  key_size: v.literal(KEY_BYTES),
  area: v.object({ type: v.literal("raw"), encryption: cipher, key_size: v.literal(KEY_BYTES) }),
  kdf: v.object({ type: v.picklist(["argon2id", "argon2i", "pbkdf2"]) }),
});

/** Strict, because each further member changes how data is stored. */
const segment = v.strictObject({
  type: v.literal("crypt"),
  offset: v.string(),
  size: v.string(),
  iv_tweak: v.string(),
  encryption: cipher,
  sector_size: v.number(),
});

const metadata = v.object({
  keyslots: v.record(v.string(), keyslot),
  tokens: v.strictObject({}),
  segments: v.strictObject({ "0": segment }),
  config: v.object({ requirements: v.optional(v.undefined()) }),
});

/**
 * Checks that a volume is encrypted as this program encrypts volumes. Nothing protects the metadata of LUKS2: whoever can
 * write to the device can replace the cipher of a genuine volume by one that does nothing, and the genuine key still
 * opens it; all that is written then is in the clear.
 *
 * @param text what `cryptsetup luksDump --dump-json-metadata` says
 * @throws ContrastError `initializer/volume-untrusted`
 * @see LUKS2 On-Disk Format Specification, section 3
 */
export function checkLuksHeader(text: string, device: string): void {
  try {
    const what = `LUKS header of "${device}"`;
    checkShape(metadata, parseJson(text, what, LIMITS), "initializer/volume-untrusted", what);
  } catch (error) {
    const message = `Cannot trust the volume on "${device}": it is not encrypted as volumes of workloads are`;
    throw new ContrastError("initializer/volume-untrusted", message, {
      cause: error,
      hint: "Find out who has changed the volume. Empty the device to begin anew, which loses its data.",
    });
  }
}
