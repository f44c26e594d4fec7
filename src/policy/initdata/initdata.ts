/** Hash functions of an initdata document, each with the length of its digest in bytes. */
export const INITDATA_ALGORITHMS = { sha256: 32, sha384: 48, sha512: 64 } as const;

/** How the digest of a document is computed. */
export type InitdataAlgorithm = keyof typeof INITDATA_ALGORITHMS;

/** The one version of the document that exists. */
export const INITDATA_VERSION = "0.1.0";

/** Member that holds the policy text. */
export const POLICY_MEMBER = "policy.rego";

/** Largest document, and largest policy in one; guests refuse more. */
export const MAX_INITDATA_BYTES = 16 * 1024 * 1024;

/**
 * What a guest of later versions gets before it serves requests: named texts, one of which is the policy.
 *
 * @see confidential-containers/trustee `kbs/docs/initdata.md`; kata-containers `src/libs/kata-types/src/initdata.rs`
 */
export interface Initdata {
  readonly algorithm: InitdataAlgorithm;
  /** Texts by name, in the order of the document. */
  readonly data: ReadonlyMap<string, string>;
}

/** Whether a name is that of a known hash function. */
export function isInitdataAlgorithm(name: string): name is InitdataAlgorithm {
  return Object.hasOwn(INITDATA_ALGORITHMS, name);
}
