import type { JsonObject } from "../../lib/json.ts";
import type { EgressEntry } from "../egress.ts";
import type { Ipv6Mode } from "../protection-modes.ts";
import { socketAddress, tcpProxy, tlsSocket } from "./envoy-json.ts";
import { commonTlsContext } from "./tls-context.ts";

/** The plain-text listener on the loopback interface for one remote. */
export function egressListener({ name, listenAddress, listenPort }: EgressEntry): JsonObject {
  return {
    name,
    address: socketAddress(listenAddress, listenPort),
    // The filter is called so for egress too; names of filters are free labels.
    filterChains: [{ filters: [tcpProxy("ingress", name, name)], name }],
  };
}

/**
 * The remote, reached with mutual TLS. Any certificate of the mesh CA is accepted: no name is checked, as in the
 * original.
 */
export function egressCluster(
  { name, remoteHost, remotePort }: EgressEntry,
  { tlsDirectory, ipv6 }: { readonly tlsDirectory: string; readonly ipv6: Ipv6Mode },
): JsonObject {
  const endpoint = { address: socketAddress(remoteHost, remotePort) };
  return {
    name,
    type: "LOGICAL_DNS",
    loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint }] }] },
    dnsLookupFamily: ipv6 === "protect" ? "V4_PREFERRED" : "V4_ONLY",
    transportSocket: tlsSocket("UpstreamTlsContext", { commonTlsContext: commonTlsContext(tlsDirectory) }),
  };
}
