import { ContrastError } from "../lib/errors.ts";
import { decodeUtf8 } from "../lib/files.ts";
import { goBytes } from "../lib/go-json/go-bytes.ts";
import { goSlice, goString } from "../lib/go-json/go-json-codec.ts";
import { parseJsonNode } from "../lib/go-json/go-json-node.ts";
import { renderGoJson } from "../lib/go-json/go-json-render.ts";
import { goStruct, omitEmptyField } from "../lib/go-json/go-json-struct.ts";
import { Problems } from "../lib/problems.ts";
import type { SeedShareDocument } from "../rpc/coordinator-session.ts";

/** A real document has one share for each owner, about 2 kB each. */
const LIMITS = { maxCharacters: 16 * 1024 * 1024, maxDepth: 8, maxNodes: 100_000 };
const SALT_BYTES = 32;

const share = goStruct<{ publicKeyHex: string; encryptedSeed: Uint8Array }>({
  publicKeyHex: omitEmptyField("PublicKey", goString),
  encryptedSeed: omitEmptyField("EncryptedSeed", goBytes),
});

const document = goStruct({
  shares: omitEmptyField("SeedShares", goSlice(share)),
  salt: omitEmptyField("salt", goBytes),
});

/**
 * Reads `seed-shares.json` as leniently as Go's `encoding/json` does: names of members in any letter case, unknown
 * members ignored.
 *
 * @param what named in messages, such as `seed shares "seed-shares.json"`
 * @throws ContrastError `lib/text-not-utf8`, `lib/json-invalid`, `client/seed-shares-invalid` for a salt of another
 *   length than 32 bytes
 * @throws ProblemsError `lib/json-wrong-type`
 * @see edgelesssys/contrast `internal/userapi/userapi.proto`, SeedShareDocument
 */
export function parseSeedShares(bytes: Uint8Array, what: string): SeedShareDocument {
  const node = parseJsonNode(decodeUtf8(bytes, what), what, LIMITS);
  const problems = new Problems();
  const { shares, salt } = document.decode(node, document.zero, "", problems);
  problems.throwIfAny(`Cannot read ${what}`);
  if (salt.length !== SALT_BYTES) {
    throw new ContrastError(
      "client/seed-shares-invalid",
      `Cannot use ${what}: got a salt of ${salt.length} bytes, need ${SALT_BYTES}`,
    );
  }
  return { shares: shares ?? [], salt };
}

/** Writes a document byte for byte as version 1.4 does: two spaces for each level, empty members left out, no newline. */
export function encodeSeedShares({ shares, salt }: SeedShareDocument): string {
  const withUnknown = shares.map((item) => ({ ...item, unknown: NONE }));
  return renderGoJson(document.encode({ shares: withUnknown, salt, unknown: NONE }));
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();
