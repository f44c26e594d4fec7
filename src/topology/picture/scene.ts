import { visibleLine } from "../../lib/visible-text.ts";
import { endTitle, MODE_WORDS, VERDICT_WORDS, workloadTitle } from "../mesh-words.ts";
import { type PortMode, portMode, portTable } from "../port-mode.ts";
import type { Topology } from "../topology.ts";
import type { EdgeSeverity, EdgeVerdict, EdgeVia, TopologyEdge } from "../topology-edge.ts";
import type { TopologyWorkload } from "../topology-workload.ts";

/** One line of a box: a port. */
export interface SceneRow {
  readonly text: string;
  readonly word: string;
  readonly mode: PortMode;
}

/** A box of the picture. */
export interface SceneNode {
  readonly id: string;
  readonly kind: "meshed" | "open" | "end";
  /** Small, above the title. */
  readonly caption: string;
  readonly title: string;
  readonly rows: readonly SceneRow[];
  /** Everything, for a reader who points at it. */
  readonly about: string;
}

/** A line of the picture between two boxes. */
export interface SceneEdge {
  readonly from: number;
  readonly to: number;
  /** Row of the box where it ends; undefined for its head. */
  readonly row: number | undefined;
  readonly via: EdgeVia;
  readonly verdict: EdgeVerdict;
  readonly severity: EdgeSeverity;
  readonly about: string;
}

/** What a picture shows, without places. */
export interface Scene {
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
}

/** Ports of one workload in its box; further ones only where something is connected to them. */
const MAX_ROWS = 10;

/** Boxes with their ports, and the lines between them; lines that look the same are one. */
export function sceneOf({ workloads, ends, edges }: Topology): Scene {
  const reached = Map.groupBy(edges, ({ to }) => to);
  const rowsOf = new Map<string, readonly (number | undefined)[]>();
  const nodes: SceneNode[] = workloads.map((workload) => {
    const { ports, rows } = portRows(workload, new Set((reached.get(workload.id) ?? []).map(({ port }) => port)));
    rowsOf.set(workload.id, ports);
    return {
      id: workload.id,
      kind: workload.sidecar === undefined ? "open" : "meshed",
      caption: captionOf(workload),
      title: visibleLine(workload.object.name ?? workload.object.label),
      rows,
      about: `${workloadTitle(workload)}${workload.sidecar === undefined ? ", no sidecar" : ""}`,
    };
  });
  for (const end of ends) {
    const caption = end.kind === "nowhere" ? "nothing answers" : end.kind === "outside" ? "outside of the input" : "";
    nodes.push({ id: end.id, kind: "end", caption, title: endTitle(end), rows: [], about: endTitle(end) });
  }
  const numbers = new Map(nodes.map(({ id }, index) => [id, index]));
  const drawn = new Map<string, SceneEdge>();
  for (const edge of edges) {
    const [from, to] = [numbers.get(edge.from), numbers.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const index = rowsOf.get(edge.to)?.indexOf(edge.port) ?? -1;
    const { via, verdict, severity } = edge;
    const key = [from, to, index, via, verdict, severity].join(" ");
    const about = [drawn.get(key)?.about, aboutEdge(edge, nodes[from]?.about ?? "", nodes[to]?.about ?? "")];
    const text = about.filter((part) => part !== undefined).join("\n");
    drawn.set(key, { from, to, row: index === -1 ? undefined : index, via, verdict, severity, about: text });
  }
  return { nodes, edges: [...drawn.values()] };
}

function portRows(
  workload: TopologyWorkload,
  connected: ReadonlySet<number | undefined>,
): { readonly ports: readonly (number | undefined)[]; readonly rows: readonly SceneRow[] } {
  const table = portTable(workload).filter(({ port }) => port !== undefined);
  const kept = table.filter(
    ({ port, protocol }, index) => index < MAX_ROWS || (protocol === "TCP" && connected.has(port)),
  );
  const ports = kept.map(({ port, protocol }) => (protocol === "TCP" ? port : undefined));
  const rows = kept.map(({ port, protocol, name, mode, isAdmin }): SceneRow => {
    const label = isAdmin ? "admin" : visibleLine(name ?? "");
    const text = `${port}${protocol === "TCP" ? "" : `/${visibleLine(protocol)}`} ${label}`.trim();
    return { text, word: MODE_WORDS[mode], mode };
  });
  // Ports that nobody declares are reached too.
  for (const port of connected) {
    if (port === undefined || ports.includes(port) || rows.length > 2 * MAX_ROWS) continue;
    const mode = portMode(workload, port);
    ports.push(port);
    rows.push({ text: `${port}`, word: MODE_WORDS[mode], mode });
  }
  return { ports, rows };
}

function captionOf({ object, namespace, sidecar, isCoordinator }: TopologyWorkload): string {
  const kind = visibleLine(namespace === undefined ? object.kind : `${object.kind} in ${namespace}`);
  return sidecar === undefined && !isCoordinator ? `${kind}, no sidecar` : kind;
}

function aboutEdge({ name, listen, remote, port, verdict, reason }: TopologyEdge, from: string, to: string): string {
  const way = visibleLine(`${name}: ${listen === undefined ? "" : `${listen} -> `}${remote}`);
  const end = port === undefined ? to : `${to} port ${port}`;
  return `${from} to ${end}: ${VERDICT_WORDS[verdict]}\n${way}\n${visibleLine(reason)}`;
}
