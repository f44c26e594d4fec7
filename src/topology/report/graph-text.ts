import { counted } from "../../lib/counted.ts";
import { visibleLine } from "../../lib/visible-text.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import type { Topology } from "../topology.ts";
import { EDGE_VERDICTS, type TopologyEdge } from "../topology-edge.ts";
import { endTitle, SEVERITY_TONES, VERDICT_WORDS, workloadTitle } from "../mesh-words.ts";
import type { MeshTextLayout } from "./workload-text.ts";

/** Characters of the verdict in front of an edge. */
const VERDICT_WIDTH = 17;

/** What the ends of edges are called, by id. */
export function titlesOf({ workloads, ends }: Topology): ReadonlyMap<string, string> {
  return new Map([
    ...workloads.map((workload) => [workload.id, workloadTitle(workload)] as const),
    ...ends.map((end) => [end.id, endTitle(end)] as const),
  ]);
}

/** Who talks to whom, as lines for a terminal: below each client its connections, then what has none, then counts. */
export function* renderGraphText(topology: Topology, layout: MeshTextLayout): Generator<string> {
  const { workloads, ends, edges } = topology;
  const { paint, width } = layout;
  const titles = titlesOf(topology);
  const byFrom = Map.groupBy(edges, ({ from }) => from);
  const reached = new Set(edges.map(({ to }) => to));
  const meshless = new Set(workloads.filter(({ sidecar }) => sidecar === undefined).map(({ id }) => id));
  for (const { id } of [...ends.filter(({ kind }) => kind === "clients"), ...workloads]) {
    const own = byFrom.get(id);
    if (own === undefined) continue;
    const title = paint("heading", titles.get(id) ?? id);
    yield `${title}${meshless.has(id) ? paint("quiet", " (no sidecar)") : ""}`;
    for (const edge of own) yield* edgeLines(edge, titles, layout);
    yield "";
  }
  const alone = workloads.filter(({ id }) => !byFrom.has(id) && !reached.has(id));
  if (alone.length > 0) {
    yield paint("heading", "Without connections");
    for (const workload of alone) yield `  ${workloadTitle(workload)}`;
    yield "";
  }
  yield* wrapText(summaryText(topology), width);
}

function* edgeLines(
  { to, via, name, listen, remote, port, verdict, severity, reason }: TopologyEdge,
  titles: ReadonlyMap<string, string>,
  { paint, width }: MeshTextLayout,
): Generator<string> {
  const end = `${titles.get(to) ?? to}${port === undefined ? "" : ` port ${port}`}`;
  const lines = wrapText(end, width - VERDICT_WIDTH);
  for (const [index, line] of lines.entries()) {
    const word = index === 0 ? `  ${VERDICT_WORDS[verdict]}` : "";
    yield `${paint(SEVERITY_TONES[severity], word.padEnd(VERDICT_WIDTH))}${line}`;
  }
  const way = via === "egress" ? `${name}: ${listen ?? ""} -> ${remote}` : `${name}: ${remote}`;
  const about = severity === "ok" && verdict !== "tls" ? way : `${way}; ${reason}`;
  for (const line of wrapText(visibleLine(about), width - VERDICT_WIDTH)) {
    yield `${" ".repeat(VERDICT_WIDTH)}${paint("quiet", line)}`;
  }
}

/** Numbers of everything in one sentence. */
function summaryText({ workloads, services, edges }: Topology): string {
  const meshed = workloads.filter(({ sidecar }) => sidecar !== undefined).length;
  const counts = EDGE_VERDICTS.flatMap((verdict) => {
    const count = edges.filter((edge) => edge.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${VERDICT_WORDS[verdict]}`];
  });
  const connections = `${counted(edges.length, "connection")}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`;
  return `${counted(workloads.length, "workload")} (${meshed} with sidecar), ${counted(services.length, "Service")}, ${connections}`;
}
