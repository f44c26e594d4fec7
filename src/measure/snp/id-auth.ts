import { type KeyObject, sign } from "node:crypto";
import { encodePublicKeyDer, publicKeyOf } from "../../lib/der-key.ts";
import { sha384 } from "../../lib/digest.ts";
import { ANONYMOUS_SIGNATURE, anonymousIdKey, type P384Point } from "./anonymous-id-key.ts";

/** Who stands behind an ID block. */
export interface IdKeys {
  /** Private key on P-384 that signs the block; absent for the anonymous key, whose private part nobody knows. */
  readonly idKey?: KeyObject | undefined;
  /** Private key on P-384 that signs the ID key. */
  readonly authorKey?: KeyObject | undefined;
}

/** An ID authentication information structure with the digests that attestation reports show. */
export interface IdAuth {
  /** 4096 bytes, as QEMU takes it. */
  readonly bytes: Uint8Array;
  /** ID_KEY_DIGEST; 48 bytes. */
  readonly idKeyDigest: Uint8Array;
  /** AUTHOR_KEY_DIGEST; 48 bytes, absent without an author key. */
  readonly authorKeyDigest: Uint8Array | undefined;
}

const AUTH_BYTES = 4096;
const ECDSA_P384_SHA384 = 1;
const CURVE_P384 = 2;
const KEY_BYTES = 0x404;
const COORDINATE_BYTES = 48;
/** Numbers of keys and signatures are little-endian in fields of this size. */
const NUMBER_BYTES = 72;

const AT = {
  idKeyAlgorithm: 0x0,
  authorKeyAlgorithm: 0x4,
  blockSignature: 0x40,
  idKey: 0x240,
  idKeySignature: 0x680,
  authorKey: 0x880,
} as const;

/**
 * Signs an ID block.
 *
 *     offset  size   field
 *     0x000      4   algorithm of the ID key: 1, ECDSA on P-384 with SHA-384
 *     0x004      4   algorithm of the author key: 1 as well
 *     0x040  0x200   signature of the ID block by the ID key
 *     0x240  0x404   ID key
 *     0x680  0x200   signature of the ID key by the author key
 *     0x880  0x404   author key
 *
 * @param block as `encodeIdBlock` makes it
 * @see AMD 56860 (SEV-SNP ABI), 8.18 SNP_LAUNCH_FINISH, structure ID_AUTH_INFO
 */
export function signIdBlock(block: Uint8Array, { idKey, authorKey }: IdKeys): IdAuth {
  const bytes = new Uint8Array(AUTH_BYTES);
  const view = new DataView(bytes.buffer);
  const encodedIdKey = encodeKey(idKey === undefined ? anonymousIdKey(block) : pointOf(idKey));
  view.setUint32(AT.idKeyAlgorithm, ECDSA_P384_SHA384, true);
  // A valid number in any case: whether an author key counts is told beside this structure.
  view.setUint32(AT.authorKeyAlgorithm, ECDSA_P384_SHA384, true);
  bytes.set(idKey === undefined ? anonymousSignature() : signWith(idKey, block), AT.blockSignature);
  bytes.set(encodedIdKey, AT.idKey);
  const idKeyDigest = sha384(encodedIdKey);
  if (authorKey === undefined) return { bytes, idKeyDigest, authorKeyDigest: undefined };
  const encodedAuthorKey = encodeKey(pointOf(authorKey));
  bytes.set(signWith(authorKey, encodedIdKey), AT.idKeySignature);
  bytes.set(encodedAuthorKey, AT.authorKey);
  return { bytes, idKeyDigest, authorKeyDigest: sha384(encodedAuthorKey) };
}

function pointOf(privateKey: KeyObject): P384Point {
  const point = encodePublicKeyDer(publicKeyOf(privateKey), "spki").slice(-2 * COORDINATE_BYTES);
  return { x: point.subarray(0, COORDINATE_BYTES), y: point.subarray(COORDINATE_BYTES) };
}

/** Curve number, x and y; the digest of a key is of all 0x404 bytes. */
function encodeKey({ x, y }: P384Point): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES);
  new DataView(bytes.buffer).setUint32(0, CURVE_P384, true);
  bytes.set(x.toReversed(), 4);
  bytes.set(y.toReversed(), 4 + NUMBER_BYTES);
  return bytes;
}

function signWith(key: KeyObject, data: Uint8Array): Uint8Array {
  const rs = new Uint8Array(sign("sha384", data, { key, dsaEncoding: "ieee-p1363" }));
  const bytes = new Uint8Array(2 * NUMBER_BYTES);
  bytes.set(rs.subarray(0, COORDINATE_BYTES).toReversed());
  bytes.set(rs.subarray(COORDINATE_BYTES).toReversed(), NUMBER_BYTES);
  return bytes;
}

function anonymousSignature(): Uint8Array {
  const bytes = new Uint8Array(2 * NUMBER_BYTES);
  bytes.set([Number(ANONYMOUS_SIGNATURE.r)]);
  bytes.set([Number(ANONYMOUS_SIGNATURE.s)], NUMBER_BYTES);
  return bytes;
}
