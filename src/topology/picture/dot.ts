import { visibleLine } from "../../lib/visible-text.ts";
import { endTitle, MODE_WORDS, VERDICT_WORDS, workloadTitle } from "../mesh-words.ts";
import { portTable } from "../port-mode.ts";
import type { Topology } from "../topology.ts";
import type { EdgeSeverity } from "../topology-edge.ts";

const COLOURS: Readonly<Record<EdgeSeverity, string>> = {
  ok: "#1a7f37",
  info: "#57606a",
  warning: "#9a6700",
  error: "#cf222e",
};

/** Ports of one workload in its box; more are counted. */
const MAX_PORTS = 12;

/**
 * The graph in the language of Graphviz. Names are in double quotes, where only the quote and the backslash mean
 * anything.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function renderDot(topology: Topology): string {
  const { workloads, ends, edges } = topology;
  const lines = ["digraph mesh {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];'];
  lines.push('  edge [fontname="sans-serif", fontsize=10];');
  for (const workload of workloads) {
    const rows = portTable(workload).flatMap(({ port, protocol, mode }) =>
      port === undefined ? [] : [`${port}${protocol === "TCP" ? "" : `/${protocol}`} ${MODE_WORDS[mode]}`],
    );
    const shown = rows.length > MAX_PORTS ? [...rows.slice(0, MAX_PORTS), `and ${rows.length - MAX_PORTS} more`] : rows;
    const style = workload.sidecar === undefined ? ", style=dashed" : "";
    lines.push(`  ${quoted([workload.id])} [label=${quoted([workloadTitle(workload), ...shown])}${style}];`);
  }
  for (const end of ends) lines.push(`  ${quoted([end.id])} [label=${quoted([endTitle(end)])}, shape=ellipse];`);
  for (const { from, to, via, port, verdict, severity } of edges) {
    const label = quoted([`${port === undefined ? "" : `${port} `}${VERDICT_WORDS[verdict]}`]);
    const style = via === "direct" ? ", style=dashed" : "";
    const colour = `color="${COLOURS[severity]}", fontcolor="${COLOURS[severity]}"`;
    lines.push(`  ${quoted([from])} -> ${quoted([to])} [label=${label}, ${colour}${style}];`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

/** Lines as one quoted string; `\n` between them is Graphviz's line break. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) => visibleLine(line).replaceAll("\\", "\\\\").replaceAll('"', '\\"'));
  return `"${escaped.join("\\n")}"`;
}
