import type { JsonObject } from "../lib/json.ts";

/** Where the Initializer puts the files of a workload. */
export const DEFAULT_TLS_DIRECTORY = "/contrast/tls-config";

/** Names of the files in that directory: certificate with its issuer, its key, and whom peers must come from. */
export const TLS_FILES = { chain: "certChain.pem", key: "key.pem", trustAnchor: "mesh-ca.pem" } as const;

/**
 * The common TLS block: who this workload is, and whose certificates it accepts.
 *
 * @param directory without a slash at its end
 * @see Envoy `envoy.extensions.transport_sockets.tls.v3.CommonTlsContext`
 */
export function commonTlsContext(directory: string): JsonObject {
  return {
    tlsCertificates: [
      {
        certificateChain: { filename: `${directory}/${TLS_FILES.chain}` },
        privateKey: { filename: `${directory}/${TLS_FILES.key}` },
      },
    ],
    validationContext: { trustedCa: { filename: `${directory}/${TLS_FILES.trustAnchor}` } },
  };
}
