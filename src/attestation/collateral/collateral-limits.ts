/** Largest piece of collateral; what vendors publish today stays below 100 KiB. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Largest issuer chain, decoded or as a header. */
export const MAX_ISSUER_CHAIN_BYTES = 32 * 1024;

/** Largest sidecar of a cache entry. */
export const MAX_SIDECAR_BYTES = 256 * 1024;
