import { describe, expect, test } from "bun:test";
import { portTable } from "../../src/topology/port-mode.ts";
import { topologyOf, workloadYaml, type SampleWorkload } from "../fakes/topology.ts";

function rowsOf(sample: SampleWorkload): readonly string[] {
  const [workload] = topologyOf(workloadYaml("web", sample)).workloads;
  return portTable(workload!).map(({ port, protocol, name, mode, isAdmin }) => {
    return `${port ?? "others"}/${protocol} ${name ?? "-"} ${mode}${isAdmin ? " admin" : ""}`;
  });
}

const PORTS = [
  { containerPort: 8080, name: "http" },
  { containerPort: 53, protocol: "UDP" },
];

describe("portTable()", () => {
  test("tells each way to a port: certificate, TLS, clear text, admin interface, another protocol", () => {
    const ingress = "a#8080#false##b#9090#true";
    expect(rowsOf({ ingress, admin: "9901", ports: PORTS })).toEqual([
      "53/UDP - clear",
      "8080/TCP http tls",
      "9090/TCP b clear",
      "9901/TCP admin mutual-tls admin",
      "others/TCP - mutual-tls",
    ]);
  });
  test("tells that everything is open without sidecar", () => {
    expect(rowsOf({ ports: PORTS })).toEqual(["53/UDP - clear", "8080/TCP http clear", "others/TCP - clear"]);
  });
  test("tells ports of the proxy, and UDP that is refused, as closed", () => {
    const annotations = { "contrast.edgeless.systems/servicemesh-udp": "refuse" };
    const ports = [{ containerPort: 15006 }, { containerPort: 53, protocol: "UDP" }];
    expect(rowsOf({ ingress: "", ports, annotations })).toEqual([
      "53/UDP - refused",
      "15006/TCP - refused",
      "others/TCP - mutual-tls",
    ]);
  });
  test("leaves out ports that are no numbers of ports, and those of containers that end", () => {
    const pod = { initContainers: [{ name: "once", ports: [{ containerPort: 1 }] }, null, 7] };
    const ports = [
      { containerPort: 0 },
      { containerPort: "80" },
      7,
      { containerPort: 70_000 },
      { containerPort: 80.5 },
    ];
    expect(rowsOf({ ports: ports as object[], pod })).toEqual(["others/TCP - clear"]);
  });
  test("tells ports of init containers that stay, but for the sidecar's own", () => {
    const stays = { restartPolicy: "Always", ports: [{ containerPort: 80 }] };
    const sidecar = { name: "contrast-service-mesh", restartPolicy: "Always", ports: [{ containerPort: 81 }] };
    const pod = { initContainers: [{ name: "stays", ...stays }, sidecar] };
    expect(rowsOf({ pod })).toEqual(["80/TCP - mutual-tls", "others/TCP - mutual-tls"]);
  });
  test("tells the admin interface apart from a port of its number that is not of TCP, and tells it once", () => {
    const ports = [{ containerPort: 9901, protocol: "UDP" }, { containerPort: 9901 }];
    const rows = ["9901/UDP - clear", "9901/TCP - mutual-tls admin", "others/TCP - mutual-tls"];
    expect(rowsOf({ admin: "9901", ports })).toEqual(rows);
  });
  test("tells an ingress entry for the port of the admin interface once, and one without name", () => {
    const others = "others/TCP - mutual-tls";
    expect(rowsOf({ ingress: "a#9901#true", admin: "9901" })).toEqual(["9901/TCP a clear admin", others]);
    expect(rowsOf({ ingress: "#80#true" })).toEqual(["80/TCP - clear", others]);
  });
});
