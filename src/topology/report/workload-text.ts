import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint } from "../../terminal/colour.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import type { MeshNote } from "../mesh-note.ts";
import { type PortRow, portTable } from "../port-mode.ts";
import type { TopologyEdge } from "../topology-edge.ts";
import type { TopologyWorkload } from "../topology-workload.ts";
import {
  SEVERITY_TONES,
  MODE_TONES,
  MODE_WORDS,
  modeMeaning,
  sidecarText,
  VERDICT_WORDS,
  workloadTitle,
} from "../mesh-words.ts";

/** How text is laid out. */
export interface MeshTextLayout {
  /** Characters on a line. */
  readonly width: number;
  readonly paint: Paint;
}

const MARGIN = 11;
const MAX_NAME = 20;
/** More rows than this of one workload are counted, not shown. */
const MAX_ROWS = 64;

/**
 * What the sidecar of one workload does, as lines for a terminal.
 *
 * @param edges of its own egress entries
 * @param titleOf names the other end of an edge
 */
export function renderWorkloadText(
  workload: TopologyWorkload,
  edges: readonly TopologyEdge[],
  notes: readonly MeshNote[],
  titleOf: (id: string) => string,
  layout: MeshTextLayout,
): readonly string[] {
  const { paint, width } = layout;
  const block = (name: string, lines: readonly string[]): readonly string[] =>
    lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(MARGIN - 2)}${line}`);
  const { file, line } = workload.object.locate([]);
  const place = file === undefined ? "" : `  ${visibleLine(file)}${line === undefined ? "" : `:${line}`}`;
  const remotes = Map.groupBy(edges, ({ name }) => name);
  return [
    `${paint("heading", workloadTitle(workload))}${paint("quiet", place)}`,
    ...block("Sidecar", wrapText(sidecarText(workload.sidecar, workload), width - MARGIN)),
    ...block("Ports", portLines(workload, paint, width - MARGIN)),
    ...block(
      "Remotes",
      Array.from(remotes.values())
        .slice(0, MAX_ROWS)
        .flatMap((same) => remoteLines(same, titleOf, paint, width - MARGIN)),
    ),
    ...block(
      "Notes",
      notes.slice(0, MAX_ROWS).flatMap((note) => noteLines(note, paint, width - MARGIN)),
    ),
  ];
}

function portLines(workload: TopologyWorkload, paint: Paint, width: number): readonly string[] {
  const all = portTable(workload);
  const rows = all.length > MAX_ROWS ? [...all.slice(0, MAX_ROWS - 1), ...all.slice(-1)] : all;
  const names = rows.map((row) => nameOf(row));
  const longest = Math.min(MAX_NAME, Math.max(0, ...names.map((name) => name.length)));
  return rows.flatMap((row, index) => {
    const { port, protocol, mode } = row;
    const number = port === undefined ? "others" : `${port}${protocol === "TCP" ? "" : `/${visibleLine(protocol)}`}`;
    const head = `${number.padEnd(8)} ${cut(names[index] ?? "", longest).padEnd(longest)}  `;
    const about = protocol === "TCP" ? modeMeaning(mode, workload) : "everybody; the mesh covers TCP only";
    const [first = "", ...rest] = wrapText(about, width - head.length - 12);
    const margin = " ".repeat(head.length + 12);
    return [
      `${head}${paint(MODE_TONES[mode], MODE_WORDS[mode].padEnd(12))}${first}`,
      ...rest.map((line) => `${margin}${line}`),
    ];
  });
}

function nameOf({ name, isAdmin }: PortRow): string {
  return isAdmin ? "admin" : visibleLine(name ?? "");
}

function remoteLines(
  edges: readonly TopologyEdge[],
  titleOf: (id: string) => string,
  paint: Paint,
  width: number,
): readonly string[] {
  const [first] = edges;
  if (first === undefined) return [];
  const title = `${visibleLine(first.name)}: ${first.listen ?? ""} -> ${visibleLine(first.remote)}`;
  return [
    ...wrapText(title, width),
    ...edges.slice(0, MAX_ROWS).flatMap(({ to, port, verdict, severity, reason }) => {
      const isGood = severity === "ok" && verdict === "mtls";
      const end = port === undefined ? "" : `${titleOf(to)} port ${port}`;
      const text = [end, isGood ? "" : reason].filter((part) => part !== "").join(": ");
      return wrapText(text, width - 16).map((line, index) => {
        const word = index === 0 ? VERDICT_WORDS[verdict] : "";
        return `  ${paint(SEVERITY_TONES[severity], word.padEnd(14))}${line}`;
      });
    }),
  ];
}

function noteLines(
  { severity, code, message, hint, line: atLine }: MeshNote,
  paint: Paint,
  width: number,
): readonly string[] {
  const where = atLine === undefined ? "" : ` (line ${atLine})`;
  const [first = "", ...rest] = wrapText(visibleLine(`${message}${where} [${code}]`), width - 9);
  return [
    `${paint(SEVERITY_TONES[severity], severity.padEnd(9))}${first}`,
    ...rest.map((line) => `         ${line}`),
    ...(hint === undefined || hint === ""
      ? []
      : wrapText(visibleLine(hint), width - 9).map((line) => `         ${paint("quiet", line)}`)),
  ];
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
