import { ADMIN_PORT_ANNOTATION, EGRESS_ANNOTATION, PROXY_PORTS } from "./annotation-keys.ts";
import type { EgressEntry } from "./egress.ts";
import { parseEgress } from "./egress.ts";
import { entryReport, parsePort } from "./field-rules.ts";
import type { Report } from "./finding.ts";
import type { IngressEntry } from "./ingress.ts";
import { parseIngress } from "./ingress.ts";
import type { Ipv6Mode } from "./protection-modes.ts";
import { DEFAULT_PROTECTION } from "./protection.ts";

/** The annotations of one workload as text; undefined where the annotation is absent. */
export interface MeshAnnotations {
  readonly ingress: string | undefined;
  readonly egress: string | undefined;
  readonly adminPort: string | undefined;
}

/** What the sidecar is told. */
export interface MeshConfig {
  readonly ingress: readonly IngressEntry[];
  readonly egress: readonly EgressEntry[];
  /** Port of the admin interface, or undefined for none. */
  readonly adminPort: number | undefined;
}

/**
 * Reads the three annotations together, so that clashes between them are found. Entries with errors are left out of
 * the result.
 *
 * @param report receives every finding
 * @param ipv6 remotes with an address of IPv6 can only be reached where IPv6 is protected
 * @see edgelesssys/contrast `service-mesh/config.go`
 */
export function parseMeshConfig(
  annotations: MeshAnnotations,
  report: Report,
  ipv6: Ipv6Mode = DEFAULT_PROTECTION.ipv6,
): MeshConfig {
  const adminPort = parseAdminPort(annotations.adminPort ?? "", report);
  const ingress = parseIngress(annotations.ingress ?? "", report);
  const egress = parseEgress(annotations.egress ?? "", report, ipv6);
  if (annotations.egress === "") {
    const message =
      "the annotation is empty: the sidecar runs and redirects all incoming connections, but has no remote";
    entryReport(report, EGRESS_ANNOTATION, undefined).warn("servicemesh/egress-empty", message);
  }
  for (const entry of egress.filter(({ listenPort }) => listenPort === adminPort)) {
    const message = `${entry.listenAddress}:${entry.listenPort} clashes with the admin interface, which listens on every address`;
    entryReport(report, EGRESS_ANNOTATION, undefined).error("servicemesh/port-conflict", message);
  }
  return { ingress, egress, adminPort };
}

/** Reads the admin port; an empty text is no port, as in the original. */
function parseAdminPort(text: string, report: Report): number | undefined {
  if (text === "") return undefined;
  const say = entryReport(report, ADMIN_PORT_ANNOTATION, undefined);
  const port = parsePort(text, "admin port", say);
  if (PROXY_PORTS.every((own) => own !== port)) return port;
  say.error("servicemesh/port-reserved", `port ${port} is the proxy's own`);
  return undefined;
}
