import { describe, expect, test } from "bun:test";
import { edgesIn, serviceYaml, topologyOf, workloadYaml } from "../fakes/topology.ts";

const OUT = "clients:outside of the cluster";
const DB = "Deployment/db";
const server = workloadYaml("db", { ingress: "" });
const backend = (port: object, name = "db"): object => ({ backend: { service: { name, port } } });

function objectYaml(kind: string, spec: object, apiVersion = "networking.k8s.io/v1"): string {
  return `---\n${JSON.stringify({ apiVersion, kind, metadata: { name: "in" }, spec })}\n`;
}

describe("addEntryPoints()", () => {
  test("leaves out ports that are not of TCP", () => {
    const ports = [{ containerPort: 53, hostPort: 53, protocol: "UDP" }];
    const exposed = serviceYaml("db", [{ port: 53, protocol: "UDP" }], { type: "LoadBalancer" });
    expect(edgesIn(workloadYaml("db", { ports }) + exposed)).toEqual([]);
  });
  test("reads Ingresses of the one version that clusters know, and no other kinds", () => {
    const spec = { rules: [{ http: { paths: [backend({ number: 80 })] } }] };
    const service = serviceYaml("db", [{ port: 80 }]);
    expect(edgesIn(server + service + objectYaml("Ingress", spec))).toEqual([`${OUT} > ${DB}:80 refused warning`]);
    expect(edgesIn(server + service + objectYaml("NetworkPolicy", spec))).toEqual([]);
    expect(edgesIn(server + service + objectYaml("Ingress", spec, "extensions/v1beta1"))).toEqual([]);
  });
  test("says so where a Service has no port of the name, and leaves out backends that are no Services", () => {
    const paths = [backend({ name: "none" }), { backend: { resource: {} } }, 7, backend({}, "gone")];
    const yaml =
      server + serviceYaml("db", [{ port: 80 }]) + objectYaml("Ingress", { rules: [7, { http: { paths } }] });
    expect(edgesIn(yaml)).toEqual([`${OUT} > nowhere:db:none nowhere error`, `${OUT} > nowhere:gone:? nowhere error`]);
    expect(topologyOf(yaml).edges.map(({ via }) => via)).toEqual(["entry", "entry"]);
  });
  test("names the place of each way in", () => {
    const rules = [{}, { http: { paths: [backend({ number: 1 }), backend({ number: 80 })] } }];
    const spec = { defaultBackend: { service: { name: "db", port: { number: 80 } } }, rules };
    const exposed = serviceYaml("db", [{ port: 80 }], { type: "NodePort" });
    const node = workloadYaml("node", { ports: [{ containerPort: 7, hostPort: 8 }] });
    const { edges } = topologyOf(server + exposed + node + objectYaml("Ingress", spec));
    expect(edges.map(({ place }) => place.path)).toEqual([
      "spec",
      "spec.template.spec.containers[0].ports[0]",
      "spec.defaultBackend",
      "spec.rules[1].http.paths[0]",
      "spec.rules[1].http.paths[1]",
    ]);
  });
  test("reads no more backends of an Ingress than anybody has", () => {
    const paths = Array.from({ length: 2000 }, (_, index) => backend({ number: index + 1 }));
    const yaml = server + serviceYaml("db", [{ port: 80 }]) + objectYaml("Ingress", { rules: [{ http: { paths } }] });
    expect(edgesIn(yaml)).toHaveLength(1024);
  });
});
