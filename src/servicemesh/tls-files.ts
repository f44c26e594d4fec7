/** Where the Initializer puts the files of a workload. */
export const DEFAULT_TLS_DIRECTORY = "/contrast/tls-config";

/** Names of the files in that directory: certificate with its issuer, its key, and whom peers must come from. */
export const TLS_FILES = { chain: "certChain.pem", key: "key.pem", trustAnchor: "mesh-ca.pem" } as const;
