import { describe, expect, test } from "bun:test";
import { modeMeaning, sidecarText, VERDICT_WORDS } from "../../src/topology/mesh-words.ts";
import { EDGE_VERDICTS } from "../../src/topology/topology-edge.ts";
import { type SampleWorkload, topologyOf, workloadYaml } from "../fakes/topology.ts";

const COORDINATOR = { "contrast.edgeless.systems/pod-role": "coordinator" };
const prefix = "contrast.edgeless.systems/servicemesh-";

function textsOf(sample: SampleWorkload): readonly string[] {
  const [workload] = topologyOf(workloadYaml("web", sample)).workloads;
  return [sidecarText(workload!.sidecar, workload!), modeMeaning("clear", workload!)];
}

describe("sidecarText(), modeMeaning()", () => {
  test("tell kinds of workloads apart", () => {
    const samples = [{}, { runtimeClass: "runc" }, { annotations: COORDINATOR }, { ingress: "" }];
    expect(new Set(samples.map((sample) => textsOf(sample)[0])).size).toBe(4);
    expect(new Set(samples.map((sample) => textsOf(sample)[1])).size).toBe(3);
  });
  test.each([
    [undefined, undefined, "; leaves IPv6 and UDP alone"],
    ["refuse", undefined, "; leaves UDP alone"],
    [undefined, "refuse", "; leaves IPv6 alone"],
    ["refuse", "refuse", ""],
  ])("tell what the sidecar leaves alone: IPv6 %p, UDP %p", (ipv6, udp, end) => {
    const annotations = { ...(ipv6 && { [`${prefix}ipv6`]: ipv6 }), ...(udp && { [`${prefix}udp`]: udp }) };
    expect(textsOf({ ingress: "", annotations })[0]).toBe(`will be injected by generate${end}`);
    expect(textsOf({ ingress: "a#b#c", annotations })[0]).toContain("does NOT start");
  });
});

describe("EDGE_VERDICTS", () => {
  test("has every verdict", () => {
    expect([...EDGE_VERDICTS].toSorted()).toEqual(
      Object.keys(VERDICT_WORDS).toSorted() as (typeof EDGE_VERDICTS)[number][],
    );
  });
});
