import type { JsonObject } from "../../lib/json.ts";
import { PROXY_PORT, PROXY_PORT_WITHOUT_CLIENT_AUTH } from "../annotation-keys.ts";
import type { MeshConfig } from "../mesh-config.ts";
import type { Ipv6Mode } from "../protection-modes.ts";
import { egressCluster, egressListener } from "./egress-proxy.ts";
import { socketAddress } from "./envoy-json.ts";
import { INGRESS_CLUSTERS, ingressListener } from "./ingress-proxy.ts";

/** What the proxy's configuration depends on beside the annotations. */
export interface BootstrapOptions {
  /** Directory of the three files of `TLS_FILES`, without a slash at its end. */
  readonly tlsDirectory: string;
  readonly ipv6: Ipv6Mode;
}

/**
 * What Envoy starts with: `envoy.config.bootstrap.v3.Bootstrap` in the JSON mapping of protobuf. The same input gives
 * the same value with the same order of keys. The ingress annotation has no influence: the packet filter decides which
 * listener a port belongs to.
 *
 * @param config without findings of level `error`, which Envoy would refuse
 * @see edgelesssys/contrast `service-mesh/config.go`
 */
export function renderBootstrap({ adminPort, egress }: MeshConfig, options: BootstrapOptions): JsonObject {
  const anyAddress = options.ipv6 === "protect" ? ipv6AndIpv4 : ipv4;
  return {
    ...(adminPort !== undefined && { admin: { address: anyAddress(adminPort) } }),
    staticResources: {
      listeners: [
        ...egress.map(egressListener),
        ingressListener({ name: "ingress", port: PROXY_PORT, requireClientCertificate: true }, options),
        ingressListener(
          { name: "ingressWithoutClientAuth", port: PROXY_PORT_WITHOUT_CLIENT_AUTH, requireClientCertificate: false },
          options,
        ),
      ],
      clusters: [...egress.map((entry) => egressCluster(entry, options)), ...INGRESS_CLUSTERS],
    },
  };
}

function ipv4(port: number): JsonObject {
  return socketAddress("0.0.0.0", port);
}

/** The admin interface has one address only, so one socket must serve both. */
function ipv6AndIpv4(portValue: number): JsonObject {
  return { socketAddress: { address: "::", portValue, ipv4Compat: true } };
}
