/** Entries `<name>#<port>#<disable TLS>` joined by `##`; presence alone turns the sidecar on. */
export const INGRESS_ANNOTATION = "contrast.edgeless.systems/servicemesh-ingress";

/** Entries `<name>#<listen address:port>#<host:port>` joined by `##`; presence alone turns the sidecar on. */
export const EGRESS_ANNOTATION = "contrast.edgeless.systems/servicemesh-egress";

/** Decimal port of the proxy's admin interface; presence alone turns the sidecar on. */
export const ADMIN_PORT_ANNOTATION = "contrast.edgeless.systems/servicemesh-admin-interface-port";

/** What the sidecar does about IPv6 (`IPV6_MODES`); not known to the original. */
export const IPV6_ANNOTATION = "contrast.edgeless.systems/servicemesh-ipv6";

/** What the sidecar does about UDP (`UDP_MODES`); not known to the original. */
export const UDP_ANNOTATION = "contrast.edgeless.systems/servicemesh-udp";

/** What every annotation of the service mesh begins with. */
export const MESH_ANNOTATION_PREFIX = "contrast.edgeless.systems/servicemesh-";

/** Every annotation that turns the sidecar on. */
export const MESH_ANNOTATIONS = [ADMIN_PORT_ANNOTATION, INGRESS_ANNOTATION, EGRESS_ANNOTATION] as const;

/** Annotations that change a sidecar and make none. */
export const MESH_OPTION_ANNOTATIONS = [IPV6_ANNOTATION, UDP_ANNOTATION] as const;

/** The variable by which the sidecar is told what an annotation says. */
export const SIDECAR_VARIABLES = {
  [ADMIN_PORT_ANNOTATION]: "CONTRAST_ADMIN_PORT",
  [INGRESS_ANNOTATION]: "CONTRAST_INGRESS_PROXY_CONFIG",
  [EGRESS_ANNOTATION]: "CONTRAST_EGRESS_PROXY_CONFIG",
  [IPV6_ANNOTATION]: "CONTRAST_MESH_IPV6",
  [UDP_ANNOTATION]: "CONTRAST_MESH_UDP",
} as const;

/** Where the proxy takes connections that need a client certificate. */
export const PROXY_PORT = 15_006;

/** Where the proxy takes connections that need none. */
export const PROXY_PORT_WITHOUT_CLIENT_AUTH = 15_007;

/** Ports that the proxy itself listens on: with and without client certificate. */
export const PROXY_PORTS: readonly number[] = [PROXY_PORT, PROXY_PORT_WITHOUT_CLIENT_AUTH];
