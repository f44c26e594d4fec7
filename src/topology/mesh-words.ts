import { visibleLine } from "../lib/visible-text.ts";
import type { Tone } from "../terminal/colour.ts";
import type { PortMode } from "./port-mode.ts";
import type { Sidecar } from "./sidecar.ts";
import type { EdgeSeverity, EdgeVerdict, OtherEnd } from "./topology-edge.ts";
import type { TopologyWorkload } from "./topology-workload.ts";

/** Modes of ports in a few words. */
export const MODE_WORDS: Readonly<Record<PortMode, string>> = {
  "mutual-tls": "mutual TLS",
  tls: "TLS",
  clear: "clear text",
  refused: "refused",
};

const MODE_MEANINGS: Readonly<Record<PortMode, string>> = {
  "mutual-tls": "who has a certificate of the mesh",
  tls: "everybody; a certificate is optional",
  clear: "everybody; reaches the application untouched",
  refused: "nobody",
};

/** Colours of modes of ports. */
export const MODE_TONES: Readonly<Record<PortMode, Tone>> = {
  "mutual-tls": "good",
  tls: "good",
  clear: "bad",
  refused: "quiet",
};

/** Verdicts about connections in a few words. */
export const VERDICT_WORDS: Readonly<Record<EdgeVerdict, string>> = {
  mtls: "mutual TLS",
  tls: "TLS",
  attested: "attested TLS",
  plain: "exempted port",
  refused: "refused",
  "no-mesh": "no sidecar",
  nowhere: "nowhere",
  outside: "outside",
};

/** Colours of what matters more or less. */
export const SEVERITY_TONES: Readonly<Record<EdgeSeverity, Tone>> = {
  ok: "good",
  info: "quiet",
  warning: "doubtful",
  error: "bad",
};

/** Who can connect to a port of this mode. */
export function modeMeaning(mode: PortMode, { sidecar, isCoordinator }: TopologyWorkload): string {
  if (isCoordinator) return "TLS of the Coordinator itself";
  if (sidecar === undefined) return "everybody; no sidecar";
  return MODE_MEANINGS[mode];
}

/** Where a sidecar comes from and what it leaves alone. */
export function sidecarText(sidecar: Sidecar | undefined, workload: TopologyWorkload): string {
  if (sidecar === undefined) {
    if (workload.isCoordinator) return "none; Coordinators never have one";
    return workload.isConfidential ? "none" : "none; the pods are not confidential";
  }
  const origin = sidecar.origin === "container" ? "in the YAML" : "will be injected by generate";
  const { ipv6, udp } = sidecar.protection;
  const left = [...(ipv6 === "ignore" ? ["IPv6"] : []), ...(udp === "ignore" ? ["UDP"] : [])];
  const failing = sidecar.findings.some(({ severity }) => severity === "error") ? "; does NOT start, see below" : "";
  return `${origin}${left.length === 0 ? "" : `; leaves ${left.join(" and ")} alone`}${failing}`;
}

/** Kind, name and namespace of a workload on one line. */
export function workloadTitle({ object, namespace }: TopologyWorkload): string {
  return `${object.label}${namespace === undefined ? "" : visibleLine(` in namespace ${namespace}`)}`;
}

/** What an end that is no workload is called. */
export function endTitle({ kind, label }: OtherEnd): string {
  return kind === "clients" ? `clients ${visibleLine(label)}` : visibleLine(label);
}
