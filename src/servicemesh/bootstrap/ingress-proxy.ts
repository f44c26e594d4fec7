import type { JsonObject } from "../../lib/json.ts";
import type { Ipv6Mode } from "../protection-modes.ts";
import { anyOf, socketAddress, tcpProxy, tlsSocket } from "./envoy-json.ts";
import { commonTlsContext } from "./tls-context.ts";

const BLACK_HOLE_FILTER = "BlackHoleFilter";
const BLACK_HOLE_CLUSTER = "BlackHoleCluster";
const INGRESS_CLUSTER = "IngressCluster";

/** One of the two listeners for connections that the packet filter hands over. */
export interface IngressListener {
  readonly name: "ingress" | "ingressWithoutClientAuth";
  readonly port: number;
  readonly requireClientCertificate: boolean;
}

/**
 * A transparent listener that ends TLS and connects to where the connection was going to. What was going to the
 * listener itself would come back for ever, so it ends in a cluster without endpoints.
 */
export function ingressListener(
  { name, port, requireClientCertificate }: IngressListener,
  { tlsDirectory, ipv6 }: { readonly tlsDirectory: string; readonly ipv6: Ipv6Mode },
): JsonObject {
  const tls = { commonTlsContext: commonTlsContext(tlsDirectory), requireClientCertificate };
  return {
    name,
    address: socketAddress("0.0.0.0", port),
    ...(ipv6 === "protect" && { additionalAddresses: [{ address: socketAddress("::", port) }] }),
    filterChains: [
      {
        filters: [tcpProxy("ingress", name, INGRESS_CLUSTER)],
        transportSocket: tlsSocket("DownstreamTlsContext", tls),
        name,
      },
      { filters: [tcpProxy(BLACK_HOLE_FILTER, BLACK_HOLE_CLUSTER, BLACK_HOLE_CLUSTER)], name: BLACK_HOLE_FILTER },
    ],
    filterChainMatcher: {
      matcherTree: {
        input: {
          name: "port",
          typedConfig: anyOf("envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput"),
        },
        exactMatchMap: { map: { [port]: toFilterChain("forwardToBlackHoleFilter", BLACK_HOLE_FILTER) } },
      },
      onNoMatch: toFilterChain("forwardToIngress", name),
    },
    listenerFilters: [
      { name: "tcpListener", typedConfig: anyOf("envoy.extensions.filters.listener.original_dst.v3.OriginalDst") },
    ],
    transparent: true,
  };
}

function toFilterChain(name: string, filterChain: string): JsonObject {
  return { action: { name, typedConfig: anyOf("google.protobuf.StringValue", { value: filterChain }) } };
}

/** Where ended TLS connections go on in plain text, and where none goes on. */
export const INGRESS_CLUSTERS: readonly JsonObject[] = [
  { name: INGRESS_CLUSTER, type: "ORIGINAL_DST", lbPolicy: "CLUSTER_PROVIDED", dnsLookupFamily: "V4_ONLY" },
  { name: BLACK_HOLE_CLUSTER, type: "STATIC", connectTimeout: "10s" },
];
