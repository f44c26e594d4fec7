import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderGraphText, titlesOf } from "../../../src/topology/report/graph-text.ts";
import { graphJson, workloadJson } from "../../../src/topology/report/topology-json.ts";
import { renderWorkloadText } from "../../../src/topology/report/workload-text.ts";
import { NO_PAINT } from "../../../src/terminal/colour.ts";
import { workloadNotes } from "../../../src/topology/workload-notes.ts";
import { topologyOf, workloadYaml } from "../../fakes/topology.ts";

const EXAMPLE = readFileSync(join(import.meta.dir, "../../../docs/examples/emojivoto/emojivoto.yaml"), "utf8");
const layout = { width: 80, paint: NO_PAINT };

describe("renderGraphText()", () => {
  test("tells each connection below its client, in 80 columns", () => {
    const lines = [...renderGraphText(topologyOf(EXAMPLE), layout)];
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toContain("  mutual TLS     Deployment emoji in namespace emojivoto port 8080");
    expect(lines).toContain("Deployment vote-bot in namespace emojivoto (no sidecar)");
    expect(lines.at(-1)).toContain("2 TLS");
  });
  test("names workloads that nobody talks to, and shows no control characters", () => {
    const lines = [...renderGraphText(topologyOf(workloadYaml("lonely\u001b[31m\nname")), layout)];
    expect(lines.slice(0, 2)).toEqual(["Without connections", String.raw`  Deployment lonely\u001b[31m\nname`]);
  });
});

describe("renderWorkloadText()", () => {
  test("tells sidecar, ports, remotes and notes, in 80 columns", () => {
    const topology = topologyOf(EXAMPLE);
    const titles = titlesOf(topology);
    const all = topology.workloads.flatMap((workload) => {
      const edges = topology.edges.filter(({ from, via }) => from === workload.id && via === "egress");
      return renderWorkloadText(workload, edges, workloadNotes(workload), (id) => titles.get(id) ?? id, layout);
    });
    expect(all.filter((line) => line.length > 80)).toEqual([]);
    expect(all).toContain("           8801     prom  clear text  everybody; reaches the application");
    expect(all).toContain("  Remotes  emoji: 127.137.0.1:8081 -> emoji-svc:8080");
  });
  test("shows no more rows than anybody reads", () => {
    const ports = Array.from({ length: 1000 }, (_, index) => ({ containerPort: index + 1 }));
    const [workload] = topologyOf(workloadYaml("web", { ports })).workloads;
    const lines = renderWorkloadText(workload!, [], workloadNotes(workload!), (id) => id, layout);
    expect(lines.length).toBeLessThan(300);
  });
});

describe("workloadJson()", () => {
  test("tells what the sidecar installs", () => {
    const [workload] = topologyOf(workloadYaml("web", { ingress: "a#80#true" })).workloads;
    expect(workloadJson(workload!, [])).toMatchObject({
      id: "Deployment/web",
      sidecar: { origin: "annotations", starts: true, stale: [], bootstrap: { staticResources: expect.anything() } },
      ports: [
        { port: 80, mode: "clear" },
        { port: null, mode: "mutual-tls" },
      ],
    });
  });
  test("tells null where there is no sidecar", () => {
    const [workload] = topologyOf(workloadYaml("web")).workloads;
    expect(workloadJson(workload!, [])).toMatchObject({ sidecar: null });
  });
});

describe("graphJson()", () => {
  test("has an end for each edge", () => {
    const { workloads, ends, edges } = JSON.parse(JSON.stringify(graphJson(topologyOf(EXAMPLE)))) as Record<
      string,
      readonly Record<string, string>[]
    >;
    const ids = new Set([...workloads!, ...ends!].map(({ id }) => id));
    expect(edges!.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
    expect(edges).toHaveLength(4);
  });
});
