/** Largest request of the user API; later versions of the original take as much. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Room for some ten thousand policies; what is parsed of it stays in memory. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Manifests up to here take some 3 ms to parse at worst, as long as a handshake; nobody needs to be an owner for that. */
export const QUICK_MANIFEST_BYTES = 8 * 1024;

/** Policies of one request; each different one becomes a file. */
export const MAX_POLICIES = 10_000;

/** All manifests and policies of an answer together, which clients limit to 64 MiB. */
export const MAX_ANSWER_BYTES = 63 * 1024 * 1024;
