import { visibleLine } from "../../lib/visible-text.ts";
import { endTitle, VERDICT_WORDS, workloadTitle } from "../mesh-words.ts";
import type { Topology } from "../topology.ts";

/**
 * The graph as a flowchart of Mermaid, which Git hosts draw in Markdown. Nodes are numbered, and every character of a
 * name that is no letter, digit or harmless mark is written as its number.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function renderMermaid({ workloads, ends, edges }: Topology): string {
  const ids = new Map<string, string>();
  const lines = ["flowchart LR"];
  const node = (id: string, shape: (label: string) => string, title: string): void => {
    const name = `n${ids.size}`;
    ids.set(id, name);
    lines.push(`  ${name}${shape(`"${encoded(title)}"`)}`);
  };
  for (const workload of workloads) {
    const title = workloadTitle(workload);
    if (workload.sidecar === undefined) node(workload.id, (label) => `[${label}]:::open`, `${title}, no sidecar`);
    else node(workload.id, (label) => `[${label}]`, title);
  }
  for (const end of ends) node(end.id, (label) => `([${label}])`, endTitle(end));
  for (const { from, to, via, port, verdict } of edges) {
    const label = encoded(`${port === undefined ? "" : `${port} `}${VERDICT_WORDS[verdict]}`);
    const arrow = via === "direct" ? "-.->" : "-->";
    lines.push(`  ${ids.get(from) ?? "n"} ${arrow}|"${label}"| ${ids.get(to) ?? "n"}`);
  }
  return `${[...lines, "  classDef open stroke-dasharray: 4"].join("\n")}\n`;
}

function encoded(text: string): string {
  return visibleLine(text).replaceAll(/[^A-Za-z0-9 .:/_-]/gu, (character) => `#${character.codePointAt(0)};`);
}
