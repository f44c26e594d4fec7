import { counted } from "../../lib/counted.ts";
import { ContrastError } from "../../lib/errors.ts";
import { countFindings, findingsOf } from "../../lib/finding.ts";
import { renderShell } from "../../servicemesh/rules/rules-text.ts";
import { DEFAULT_SIDECAR_OPTIONS, sidecarPlan } from "../../servicemesh/sidecar-plan.ts";
import { paintFor } from "../../terminal/colour.ts";
import type { CommandCall, CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { reportWidth } from "../../terminal/report-width.ts";
import { similarNames } from "../../terminal/similar-names.ts";
import type { MeshNote } from "../../topology/mesh-note.ts";
import { workloadTitle } from "../../topology/mesh-words.ts";
import { titlesOf } from "../../topology/report/graph-text.ts";
import { workloadJson } from "../../topology/report/topology-json.ts";
import { renderWorkloadText } from "../../topology/report/workload-text.ts";
import type { TopologyEdge } from "../../topology/topology-edge.ts";
import type { TopologyWorkload } from "../../topology/topology-workload.ts";
import { choiceFlag } from "../choice-flag.ts";
import { meshNotes } from "./mesh-notes.ts";
import { endMeshCommand, failingLevels, type MeshInput, readMeshInput } from "./read-mesh-input.ts";

/** A workload with everything that is told about it. */
interface RenderedWorkload {
  readonly workload: TopologyWorkload;
  readonly edges: readonly TopologyEdge[];
  readonly notes: readonly MeshNote[];
}

/** `contrast mesh render`; its definition is in `mesh-render-definition.ts`. */
export const meshRenderCommand: CommandImplementation = {
  async run(call, io) {
    const { flags } = call;
    const show = choiceFlag(flags, "show", ["ports", "rules", "bootstrap"]);
    const failing = failingLevels(call);
    const input = await readMeshInput(call, io);
    const workloads = chosenWorkloads(input, flags.string("workload"));
    const notesOf = await meshNotes(input, flags.boolean("skip-service-mesh"));
    io.signal.throwIfAborted();
    const byFrom = Map.groupBy(
      input.topology.edges.filter(({ via }) => via === "egress"),
      ({ from }) => from,
    );
    const rendered = workloads.map((workload) => {
      return { workload, edges: byFrom.get(workload.id) ?? [], notes: notesOf(workload) };
    });
    const levels = rendered.flatMap(({ edges, notes }) => [...edges, ...notes].map(({ severity }) => severity));
    const count = levels.filter((severity) => failing.some((each) => each === severity)).length;
    if (io.format === "json") printJson(rendered, input, count === 0, io);
    else if (show === "ports") printText(rendered, input, io);
    else printPlans(workloads, show, call, io);
    endMeshCommand(input, failing, count);
  },
};

function printJson(rendered: readonly RenderedWorkload[], { problems }: MeshInput, isGood: boolean, io: Io): void {
  const { errors, warnings } = problems;
  const notes = rendered.flatMap((each) => each.notes.map((note) => ({ ...note, workload: each.workload.id })));
  const workloads = rendered.map(({ workload, edges }) => workloadJson(workload, edges));
  const findings = findingsJson([...findingsOf(errors, warnings), ...notes]);
  io.out(resultJson("mesh-render", { ok: isGood && errors.length === 0, ...findings, workloads }));
}

function printText(rendered: readonly RenderedWorkload[], { topology }: MeshInput, io: Io): void {
  const layout = { width: reportWidth(io.columns()), paint: paintFor(io) };
  const titles = titlesOf(topology);
  for (const { workload, edges, notes } of rendered) {
    const lines = renderWorkloadText(workload, edges, notes, (id) => titles.get(id) ?? id, layout);
    io.write(`${lines.join("\n")}\n\n`);
  }
  const { error, warning, info } = countFindings(rendered.flatMap(({ notes }) => notes));
  const meshed = rendered.filter(({ workload }) => workload.sidecar !== undefined).length;
  const amounts = `${counted(error, "error")}, ${counted(warning, "warning")}, ${info} info`;
  io.out(`${counted(rendered.length, "workload")}, ${meshed} with sidecar; ${amounts}`);
}

/** Output of one sidecar is what a shell or Envoy takes; of several, a comment tells them apart. */
function printPlans(
  workloads: readonly TopologyWorkload[],
  show: "rules" | "bootstrap",
  call: CommandCall,
  io: Io,
): void {
  const meshed = workloads.filter(({ sidecar }) => sidecar !== undefined);
  if (meshed.length > 1 && show === "bootstrap") throw severalWorkloads(meshed);
  for (const workload of meshed) {
    const { sidecar } = workload;
    if (sidecar === undefined) continue;
    const plan = sidecarPlan(sidecar.config, { ...DEFAULT_SIDECAR_OPTIONS, ...sidecar.protection });
    if (show === "bootstrap") io.out(JSON.stringify(plan.bootstrap, null, 2));
    else io.out([`# ${workloadTitle(workload)}`, ...renderShell(plan.rules), ""].join("\n"));
  }
  if (meshed.length === 0)
    io.err(`nothing to show: no workload${call.flags.isSet("workload") ? " of that name" : ""} has a sidecar`);
}

function chosenWorkloads({ topology: { workloads } }: MeshInput, wanted: string): readonly TopologyWorkload[] {
  if (wanted === "") return workloads;
  const names = ({ id, object }: TopologyWorkload): readonly string[] => {
    const name = object.name ?? "";
    return [id, `${object.kind}/${name}`, name].map((text) => text.toLowerCase());
  };
  const found = workloads.filter((workload) => names(workload).includes(wanted.toLowerCase()));
  if (found.length > 0) return found;
  const known = [...new Set(workloads.map(({ object }) => object.name ?? ""))];
  const [similar] = similarNames(wanted, known);
  throw new ContrastError(
    "topology/workload-unknown",
    `Cannot show workload ${JSON.stringify(wanted)}: the input has none of this name`,
    { hint: similar === undefined ? `Known are ${known.slice(0, 10).join(", ")}.` : `Did you mean ${similar}?` },
  );
}

function severalWorkloads(workloads: readonly TopologyWorkload[]): ContrastError {
  const ids = workloads.slice(0, 5).map(({ id }) => id);
  return new ContrastError(
    "topology/workload-unknown",
    `Cannot show a configuration of Envoy: ${workloads.length} workloads have a sidecar, need one`,
    { hint: `Name one with --workload, such as ${ids.join(", ")}; --format json shows all.` },
  );
}
