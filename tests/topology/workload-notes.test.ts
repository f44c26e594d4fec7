import { describe, expect, test } from "bun:test";
import { workloadNotes } from "../../src/topology/workload-notes.ts";
import { topologyOf, type SampleWorkload, workloadYaml } from "../fakes/topology.ts";

function notesOf(sample: SampleWorkload): readonly string[] {
  const [workload] = topologyOf(workloadYaml("web", sample)).workloads;
  return workloadNotes(workload!).map(({ severity, code, path }) => `${severity} ${code} ${path ?? ""}`);
}

const PORTS = [{ containerPort: 8080 }];
const CONTAINER = "spec.template.spec.containers[0]";

describe("workloadNotes()", () => {
  test("warns of ports without sidecar, only where the pods are confidential", () => {
    expect(notesOf({ ports: PORTS })).toEqual([`warning topology/no-sidecar ${CONTAINER}.ports[0]`]);
    expect(notesOf({})).toEqual([]);
    expect(notesOf({ ports: PORTS, runtimeClass: "runc" })).toEqual([]);
    const annotations = { "contrast.edgeless.systems/pod-role": "coordinator" };
    expect(notesOf({ ports: PORTS, annotations })).toEqual([]);
  });
  test("warns of exempted ports, declared or not, and leaves the admin interface to lint", () => {
    expect(notesOf({ ingress: "a#8080#true##b#9090#true##c#7070#false", ports: PORTS })).toEqual([
      `warning topology/clear-text ${CONTAINER}.ports[0]`,
      "warning topology/clear-text spec.template.spec",
    ]);
    expect(notesOf({ ingress: "a#9901#true", admin: "9901" })).toEqual([]);
    const ports = [{ containerPort: 8080, protocol: "UDP" }, { containerPort: 8080 }];
    expect(notesOf({ ingress: "a#8080#true", ports })).toEqual([`warning topology/clear-text ${CONTAINER}.ports[1]`]);
  });
  test("warns of a stale sidecar, and tells what is wrong with one that lint does not read", () => {
    const env = [{ name: "CONTRAST_INGRESS_PROXY_CONFIG", value: "a#b#c" }];
    const pod = { initContainers: [{ name: "contrast-service-mesh", env }] };
    expect(notesOf({ ingress: "", pod })).toEqual([
      "warning topology/sidecar-stale spec.template.spec",
      "error servicemesh/port-invalid spec.template.spec",
      "error servicemesh/boolean-invalid spec.template.spec",
    ]);
    expect(notesOf({ pod })).toHaveLength(2);
    expect(notesOf({ ingress: "a#b#c", pod })).toEqual([]);
  });
});
