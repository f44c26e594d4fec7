/** Entries `<name>#<port>#<disable TLS>` joined by `##`; presence alone turns the sidecar on. */
export const INGRESS_ANNOTATION = "contrast.edgeless.systems/servicemesh-ingress";

/** Entries `<name>#<listen address:port>#<host:port>` joined by `##`; presence alone turns the sidecar on. */
export const EGRESS_ANNOTATION = "contrast.edgeless.systems/servicemesh-egress";

/** Decimal port of the proxy's admin interface; presence alone turns the sidecar on. */
export const ADMIN_PORT_ANNOTATION = "contrast.edgeless.systems/servicemesh-admin-interface-port";

/** What every annotation of the service mesh begins with. */
export const MESH_ANNOTATION_PREFIX = "contrast.edgeless.systems/servicemesh-";

/** Every annotation that turns the sidecar on. */
export const MESH_ANNOTATIONS = [ADMIN_PORT_ANNOTATION, INGRESS_ANNOTATION, EGRESS_ANNOTATION] as const;

/** Where the proxy takes connections that need a client certificate. */
export const PROXY_PORT = 15_006;

/** Where the proxy takes connections that need none. */
export const PROXY_PORT_WITHOUT_CLIENT_AUTH = 15_007;

/** Ports that the proxy itself listens on: with and without client certificate. */
export const PROXY_PORTS: readonly number[] = [PROXY_PORT, PROXY_PORT_WITHOUT_CLIENT_AUTH];
