import { portMode } from "./port-mode.ts";
import type { EdgeSeverity, EdgeVerdict, EdgeVia } from "./topology-edge.ts";
import type { TopologyWorkload } from "./topology-workload.ts";

/** What becomes of a connection, and why. */
export interface EdgeJudgement {
  readonly verdict: EdgeVerdict;
  readonly severity: EdgeSeverity;
  readonly reason: string;
}

/** Ports on which a Coordinator serves attested TLS: for users, and for Initializers. */
const COORDINATOR_PORTS: readonly number[] = [1313, 7777];
/** Schemes of clients that speak TLS. */
const TLS_SCHEMES: ReadonlySet<string> = new Set(["https", "wss", "rediss", "amqps", "grpcs", "tls", "ssl"]);

/**
 * Judges a connection that ends at a port of a pod.
 *
 * @param scheme of the address that the client is told; undefined where it has none
 * @param isConfidential whether the client's pods are; those outside of the cluster are not
 */
export function judgeEdge(
  via: EdgeVia,
  target: TopologyWorkload,
  port: number,
  { scheme, isConfidential }: { readonly scheme?: string | undefined; readonly isConfidential: boolean },
): EdgeJudgement {
  if (target.isCoordinator && COORDINATOR_PORTS.includes(port)) {
    const reason = "the Coordinator proves by attestation what it is; its certificate is not of the mesh";
    return { verdict: "attested", severity: via === "egress" ? "warning" : "ok", reason };
  }
  if (target.sidecar === undefined) return judgeWithoutMesh(via, target, isConfidential);
  const mode = portMode(target, port);
  if (mode === "clear") return judgeClear(via);
  if (mode === "tls") return judgeTls(via, scheme);
  if (mode === "mutual-tls") return judgeMutualTls(via);
  return { verdict: "nowhere", severity: "error", reason: `port ${port} is the proxy's own and closes connections` };
}

function judgeWithoutMesh(via: EdgeVia, target: TopologyWorkload, isConfidential: boolean): EdgeJudgement {
  const verdict = "no-mesh";
  if (via === "egress") {
    const reason = "the other end has no sidecar: it must itself speak TLS with a certificate of the mesh";
    return { verdict, severity: "warning", reason };
  }
  const reason = "the other end has no sidecar, so that nothing protects the connection unless the applications do";
  const severity = isConfidential || target.isConfidential ? "warning" : "info";
  return { verdict, severity, reason };
}

function judgeClear(via: EdgeVia): EdgeJudgement {
  const then =
    via === "egress"
      ? "it must itself speak TLS with a certificate of the mesh"
      : "everybody can connect, in clear text unless the application speaks TLS";
  return { verdict: "plain", severity: "warning", reason: `the port is exempted from the mesh: ${then}` };
}

function judgeTls(via: EdgeVia, scheme: string | undefined): EdgeJudgement {
  if (via === "egress") {
    const reason = "mutual TLS here, but the port takes clients without certificate too";
    return { verdict: "tls", severity: "ok", reason };
  }
  if (via === "entry" || TLS_SCHEMES.has(scheme ?? "")) {
    return { verdict: "tls", severity: "ok", reason: "TLS with a certificate of the mesh; clients need none" };
  }
  const reason = "the port demands TLS, and the address says nothing of it; connect through an egress entry";
  return { verdict: "refused", severity: "warning", reason };
}

function judgeMutualTls(via: EdgeVia): EdgeJudgement {
  if (via === "egress") return { verdict: "mtls", severity: "ok", reason: "mutual TLS between two sidecars" };
  if (via === "entry") {
    return { verdict: "mtls", severity: "info", reason: "only clients with a certificate of the mesh get in" };
  }
  const reason =
    "the port demands a certificate of the mesh; connect through an egress entry, or use the files under /contrast/tls-config";
  return { verdict: "refused", severity: "warning", reason };
}
