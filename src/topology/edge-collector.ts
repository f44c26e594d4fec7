import { ContrastError } from "../lib/errors.ts";
import type { Place } from "../lib/problems.ts";
import type { ConnectionTarget } from "./connection-targets.ts";
import { type EdgeJudgement, judgeEdge } from "./judge-edge.ts";
import type { EdgeVia, OtherEnd, TopologyEdge } from "./topology-edge.ts";

/** More than this no person reads, and no deployment of this world has. */
const MAX_EDGES = 50_000;

/** Where connections begin, and how. */
export interface EdgeStart {
  /** Id of a workload or of an end that was added. */
  readonly from: string;
  readonly isConfidential: boolean;
  readonly via: EdgeVia;
  readonly name: string;
  readonly listen?: string;
  readonly remote: string;
  readonly scheme?: string | undefined;
  readonly place: Place;
}

/** Gathers edges and the ends of them that are no workloads. */
export class EdgeCollector {
  readonly edges: TopologyEdge[] = [];
  readonly #ends = new Map<string, OtherEnd>();

  get ends(): readonly OtherEnd[] {
    return [...this.#ends.values()];
  }

  /** Adds an end once, and says its id. */
  end(kind: OtherEnd["kind"], label: string): string {
    const id = `${kind}:${label}`;
    if (!this.#ends.has(id)) this.#ends.set(id, { id, kind, label });
    return id;
  }

  /**
   * Adds one edge for each target.
   *
   * @throws ContrastError `topology/too-many-edges`
   */
  add(start: EdgeStart, targets: readonly ConnectionTarget[]): void {
    const { from, via, name, listen, remote, place } = start;
    if (this.edges.length + targets.length > MAX_EDGES) {
      throw new ContrastError("topology/too-many-edges", `Cannot draw connections: got more than ${MAX_EDGES}`, {
        hint: "Name fewer files, or make selectors and egress entries more precise.",
      });
    }
    for (const target of targets) {
      const judged =
        target.kind === "pod" ? judgeEdge(via, target.workload, target.port, start) : judgeMiss(via, target);
      this.edges.push({
        from,
        to: target.kind === "pod" ? target.workload.id : this.end(target.kind, remote),
        via,
        name,
        listen,
        remote,
        service: target.service?.id,
        port: target.kind === "pod" ? target.port : undefined,
        ...judged,
        place,
      });
    }
  }
}

function judgeMiss(via: EdgeVia, { kind, reason }: ConnectionTarget & { kind: "nowhere" | "outside" }): EdgeJudgement {
  if (kind === "nowhere") return { verdict: "nowhere", severity: "error", reason };
  // The proxy takes certificates of this mesh only, which few others have.
  const needs = via === "egress" ? "; it must have a certificate of this mesh" : "";
  return { verdict: "outside", severity: via === "egress" ? "warning" : "info", reason: `${reason}${needs}` };
}
