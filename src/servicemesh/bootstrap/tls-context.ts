import type { JsonObject } from "../../lib/json.ts";
import { TLS_FILES } from "../tls-files.ts";

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
