import { findingsOf } from "../../lib/finding.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import { NO_PAINT, paintFor } from "../../terminal/colour.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { reportWidth } from "../../terminal/report-width.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { renderDot } from "../../topology/picture/dot.ts";
import { renderMermaid } from "../../topology/picture/mermaid.ts";
import { renderSvg } from "../../topology/picture/svg.ts";
import { renderGraphText } from "../../topology/report/graph-text.ts";
import { graphJson } from "../../topology/report/topology-json.ts";
import type { Topology } from "../../topology/topology.ts";
import { choiceFlag } from "../choice-flag.ts";
import { endMeshCommand, failingLevels, readMeshInput } from "./read-mesh-input.ts";

const KINDS = ["text", "svg", "dot", "mermaid"] as const;

/** `contrast mesh graph`; its definition is in `mesh-graph-definition.ts`. */
export const meshGraphCommand: CommandImplementation = {
  async run(call, io) {
    const { flags } = call;
    const kind = choiceFlag(flags, "as", KINDS);
    const output = flags.string("output");
    const failing = failingLevels(call);
    if (io.format === "json" && kind !== "text" && output === "") {
      const message = `--as ${kind} and --format json both want standard output; name a file with --output`;
      throw new UsageError("terminal/exclusive-flags", message);
    }
    const input = await readMeshInput(call, io);
    const count = input.topology.edges.filter(({ severity }) => failing.some((each) => each === severity)).length;
    const { errors, warnings } = input.problems;
    if (output !== "") await writeFileAtomically(output, renderAs(kind, input.topology, undefined));
    if (io.format === "json") {
      const members = { ...findingsJson(findingsOf(errors, warnings)), ...(output !== "" && { output }) };
      io.out(
        resultJson("mesh-graph", { ok: errors.length === 0 && count === 0, ...members, ...graphJson(input.topology) }),
      );
    } else if (output === "") io.write(renderAs(kind, input.topology, io));
    else io.out(`✔️ Wrote ${output}`);
    endMeshCommand(input, failing, count);
  },
};

/** @param io of the terminal; undefined for a file, which gets no colours */
function renderAs(kind: (typeof KINDS)[number], topology: Topology, io: Io | undefined): string {
  if (kind === "svg") return renderSvg(topology);
  if (kind === "dot") return renderDot(topology);
  if (kind === "mermaid") return renderMermaid(topology);
  const layout = { width: reportWidth(io?.columns()), paint: io === undefined ? NO_PAINT : paintFor(io) };
  return `${[...renderGraphText(topology, layout)].join("\n")}\n`;
}
