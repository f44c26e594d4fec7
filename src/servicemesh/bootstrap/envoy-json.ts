import type { JsonObject } from "../../lib/json.ts";

/**
 * A message inside of `google.protobuf.Any`, as JSON has it.
 *
 * @param message full name, such as `google.protobuf.StringValue`
 * @see Protobuf JSON mapping, `Any`
 */
export function anyOf(message: string, fields: JsonObject = {}): JsonObject {
  return { "@type": `type.googleapis.com/${message}`, ...fields };
}

/** An `envoy.config.core.v3.Address` of TCP. */
export function socketAddress(address: string, portValue: number): JsonObject {
  return { socketAddress: { address, portValue } };
}

/** A network filter that passes a connection on to a cluster. */
export function tcpProxy(name: string, statPrefix: string, cluster: string): JsonObject {
  return {
    name,
    typedConfig: anyOf("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", { statPrefix, cluster }),
  };
}

/** The transport socket of TLS, for listeners (`DownstreamTlsContext`) and clusters (`UpstreamTlsContext`). */
export function tlsSocket(context: "DownstreamTlsContext" | "UpstreamTlsContext", fields: JsonObject): JsonObject {
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: anyOf(`envoy.extensions.transport_sockets.tls.v3.${context}`, fields),
  };
}
