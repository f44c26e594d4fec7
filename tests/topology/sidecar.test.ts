import { describe, expect, test } from "bun:test";
import { readSidecar } from "../../src/topology/sidecar.ts";
import { podSpecValue } from "../../src/kubernetes/workload.ts";
import { injectServiceMesh } from "../../src/generate/patch/inject-service-mesh.ts";
import { viewForPatch } from "../../src/generate/patch-view.ts";
import { pathContext, workloadFrom } from "../fakes/objects.ts";
import { workloadYaml } from "../fakes/topology.ts";

function sidecarOf(yaml: string, change: { isCoordinator?: boolean; skipped?: boolean } = {}) {
  const { object, workload } = workloadFrom(yaml);
  return readSidecar(object, workload, podSpecValue(object)!, { isCoordinator: false, skipped: false, ...change });
}

const container = (env: readonly object[]) => ({ initContainers: [{ name: "contrast-service-mesh", env }] });
const INGRESS = { name: "CONTRAST_INGRESS_PROXY_CONFIG", value: "web#80#true" };

describe("readSidecar()", () => {
  test.each(["ingress", "egress", "admin"])("takes the presence of one annotation, empty or not: %s", (name) => {
    expect(sidecarOf(workloadYaml("web", { [name]: "" }))).toMatchObject({ origin: "annotations" });
  });
  test("reads annotations of the object where the pods have none", () => {
    const annotations = { "contrast.edgeless.systems/servicemesh-ingress": "web#80#true" };
    const spec = { template: { spec: { runtimeClassName: "contrast-cc", containers: [] } } };
    const metadata = { name: "web", annotations };
    const yaml = JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec });
    expect(sidecarOf(yaml)?.config.ingress).toEqual([{ name: "web", port: 80, disableTls: true }]);
  });
  test.each<[string, string]>([
    ["without annotation", workloadYaml("web")],
    [
      "with an option alone",
      workloadYaml("web", { annotations: { "contrast.edgeless.systems/servicemesh-ipv6": "refuse" } }),
    ],
    ["of another runtime class", workloadYaml("web", { ingress: "", runtimeClass: "kata" })],
  ])("finds none for pods %s", (_what, yaml) => {
    expect(sidecarOf(yaml)).toBeUndefined();
  });
  test("expects none for Coordinators, nor where generate is told to inject none", () => {
    expect(sidecarOf(workloadYaml("web", { ingress: "" }), { isCoordinator: true })).toBeUndefined();
    expect(sidecarOf(workloadYaml("web", { ingress: "" }), { skipped: true })).toBeUndefined();
  });
  test("reads a container that stands there before annotations, and tells what is stale", () => {
    const fresh = workloadYaml("web", { ingress: "web#80#true", pod: container([INGRESS]) });
    expect(sidecarOf(fresh)).toMatchObject({ origin: "container", isAnnotated: true, staleSettings: [] });
    const stale = sidecarOf(workloadYaml("web", { ingress: "", admin: "9901", pod: container([INGRESS]) }));
    expect(stale?.staleSettings).toEqual(["adminPort", "ingress"]);
    expect(stale?.config.ingress).toHaveLength(1);
    const byHand = sidecarOf(workloadYaml("web", { pod: container([INGRESS]) }));
    expect(byHand).toMatchObject({ origin: "container", isAnnotated: false, staleSettings: [] });
  });
  test("says nothing of IPv6 remotes where IPv6 is protected", () => {
    const annotations = { "contrast.edgeless.systems/servicemesh-ipv6": "protect" };
    const sidecar = sidecarOf(workloadYaml("web", { egress: "b#127.0.0.2:1#[fd00::1]:1", annotations }));
    expect(sidecar).toMatchObject({ protection: { ipv6: "protect" }, findings: [] });
  });
  test("reads what generate injects as it reads the annotations", () => {
    const annotations = {
      "contrast.edgeless.systems/servicemesh-ipv6": "protect",
      "contrast.edgeless.systems/servicemesh-udp": "refuse",
    };
    const sample = { ingress: "a#80#true", egress: "b#127.0.0.2:1#c:1", admin: "9901", annotations };
    const yaml = workloadYaml("web", sample);
    const { object, workload } = workloadFrom(yaml);
    const context = pathContext();
    const injected = injectServiceMesh(podSpecValue(object)!, viewForPatch(object.value, workload)!, context);
    expect(context.errors()).toEqual([]);
    const after = sidecarOf(workloadYaml("web", { ...sample, pod: injected }));
    expect(after).toMatchObject({ ...sidecarOf(yaml)!, origin: "container" });
  });
  test("keeps what is wrong with settings, and reads the protection of IPv6 and UDP", () => {
    const annotations = {
      "contrast.edgeless.systems/servicemesh-ipv6": "refuse",
      "contrast.edgeless.systems/servicemesh-udp": "refuse",
    };
    const sidecar = sidecarOf(workloadYaml("web", { ingress: "web#http#true", annotations }));
    expect(sidecar?.protection).toEqual({ ipv6: "refuse", udp: "refuse" });
    expect(sidecar?.findings.map(({ code }) => code)).toEqual(["servicemesh/port-invalid"]);
  });
});
