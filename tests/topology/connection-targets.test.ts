import { describe, expect, test } from "bun:test";
import { edgesIn, serviceYaml, topologyOf, workloadYaml } from "../fakes/topology.ts";

const web = (remote: string): string => workloadYaml("web", { egress: `db#127.0.0.2:5000#${remote}` });
const db = (sample: object = {}): string => workloadYaml("db", { ingress: "", ...sample });
const WEB = "Deployment/web";

describe("connectionTargets()", () => {
  test("finds only ports of TCP, of the Service and of the containers", () => {
    const service = serviceYaml("db", [
      { port: 80, protocol: "UDP" },
      { port: 81, targetPort: "http" },
    ]);
    const ports = [
      { containerPort: 53, name: "http", protocol: "UDP" },
      { containerPort: 8080, name: "http" },
    ];
    expect(edgesIn(web("db:80") + db() + service)).toEqual([`${WEB} > nowhere:db:80 nowhere error`]);
    expect(edgesIn(web("db:81") + db({ ports }) + service)).toEqual([`${WEB} > Deployment/db:8080 mtls ok`]);
    expect(edgesIn(web("db:81") + db({ ports: ports.slice(0, 1) }) + service)).toEqual([
      `${WEB} > nowhere:db:81 nowhere error`,
    ]);
  });
  test.each<[string, object, string, string]>([
    ["of a Deployment, which have none", {}, "db-0", "nowhere:db-0.db:80 nowhere error"],
    [
      "below another Service",
      { kind: "StatefulSet", spec: { serviceName: "other" } },
      "db-0",
      "nowhere:db-0.db:80 nowhere error",
    ],
    ["that are given", { pod: { hostname: "one", subdomain: "db" } }, "one", "Deployment/db:80 mtls ok"],
    ["other than given", { pod: { hostname: "one", subdomain: "db" } }, "one-0", "nowhere:one-0.db:80 nowhere error"],
    [
      "of a StatefulSet with another name",
      { kind: "StatefulSet", spec: { serviceName: "db" } },
      "no-0",
      "nowhere:no-0.db:80 nowhere error",
    ],
  ])("looks at names of pods %s", (_what, sample, pod, end) => {
    const headless = serviceYaml("db", [{ port: 80 }], { clusterIP: "None" });
    expect(edgesIn(web(`${pod}.db:80`) + db(sample) + headless)).toEqual([`${WEB} > ${end}`]);
  });
  test("takes 127.0.0.0/8, ::1 and localhost as the pod itself, and IPv6 addresses of Services", () => {
    for (const remote of ["127.9.9.9:7000", "[::1]:7000", "localhost:7000"]) {
      expect(edgesIn(web(remote))).toEqual([`${WEB} > ${WEB}:7000 mtls ok`]);
    }
    const service = serviceYaml("db", [{ port: 80 }], { clusterIP: "10.1.2.3", clusterIPs: ["10.1.2.3", "fd00::7"] });
    expect(edgesIn(web("[fd00::7]:80") + db() + service)).toEqual([`${WEB} > Deployment/db:80 mtls ok`]);
  });
  test("says that nothing is there only of namespaces of the input", () => {
    const own = workloadYaml("web", { namespace: "shop", egress: "db#127.0.0.2:5000#db.shop:80" });
    expect(edgesIn(own)).toEqual(["shop/Deployment/web > nowhere:db.shop:80 nowhere error"]);
    for (const remote of ["db.other:80", "a.b.c.d:80", "a.b.shop.example:80"]) {
      expect(edgesIn(web(remote))).toEqual([`${WEB} > outside:${remote} outside warning`]);
    }
    // One label and the suffix of the cluster name no Service.
    expect(edgesIn(web("db.svc.cluster.local:80") + db() + serviceYaml("db", [{ port: 80 }]))).toEqual([
      `${WEB} > outside:db.svc.cluster.local:80 outside warning`,
    ]);
  });
  test("takes any of the Services that name no namespace, and no objects that are no Services", () => {
    const shop = workloadYaml("web", { namespace: "shop", egress: "db#127.0.0.2:5000#db:80" });
    const service = serviceYaml("db", [{ port: 80, targetPort: "" }]);
    expect(edgesIn(shop + db() + service + service)).toEqual(["shop/Deployment/web > Deployment/db:80 mtls ok"]);
    const others = [
      { apiVersion: "v1", kind: "Endpoints", metadata: { name: "db" }, spec: { ports: [{ port: 80 }] } },
      { apiVersion: "example.com/v1", kind: "Service", metadata: { name: "db" }, spec: { ports: [{ port: 80 }] } },
      { apiVersion: "v1", kind: "Service", metadata: {}, spec: { ports: [{ port: 80 }] } },
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "empty" }, spec: {} },
    ];
    const yaml = others.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
    const { services, workloads } = topologyOf(web("db:80") + yaml);
    expect([services, workloads.map(({ id }) => id)]).toEqual([[], [WEB]]);
  });
  test("names the Service in between", () => {
    const service = serviceYaml("db", [{ port: 80 }], {}, "shop") + serviceYaml("db", [{ port: 81 }]);
    const { services, edges } = topologyOf(web("db:81") + db() + service);
    expect(services.map(({ id }) => id)).toEqual(["shop/Service/db", "Service/db"]);
    expect(edges.map((edge) => edge.service)).toEqual(["Service/db"]);
  });
});

describe("connectionTargets(), of several candidates", () => {
  const service = serviceYaml("db", [{ port: 80, targetPort: "http" }]);
  test("takes the port of the name, and passes over ports that are no numbers", () => {
    const ports = [
      { containerPort: 9000, name: "metrics" },
      { containerPort: 8080, name: "http" },
    ];
    expect(edgesIn(web("db:80") + db({ ports }) + service)).toEqual([`${WEB} > Deployment/db:8080 mtls ok`]);
    const [read] = topologyOf(serviceYaml("db", [{ port: "http" }, { port: 80 }])).services;
    expect(read?.ports.map(({ port }) => port)).toEqual([80]);
  });
  test("finds no pod by name where pods have a domain and no names", () => {
    const headless = serviceYaml("db", [{ port: 80 }], { clusterIP: "None" });
    const end = edgesIn(web("db-0.db:80") + db({ pod: { subdomain: "db" } }) + headless);
    expect(end).toEqual([`${WEB} > nowhere:db-0.db:80 nowhere error`]);
  });
  test("takes pods that have all labels only", () => {
    const labels = (name: string, more: object): object => ({
      template: { metadata: { labels: { app: name, ...more } }, spec: { containers: [] } },
    });
    const other = workloadYaml("other", { spec: labels("other", { tier: "1" }) });
    const both = serviceYaml("db", [{ port: 80 }], { selector: { app: "db", tier: "1" } });
    expect(edgesIn(web("db:80") + db() + other + both)).toEqual([`${WEB} > nowhere:db:80 nowhere error`]);
  });
  test("takes the one Service of any namespace for objects without one, and the other way round", () => {
    const port = [{ port: 80 }];
    const shop = db({ namespace: "shop" });
    expect(edgesIn(web("db:80") + shop + serviceYaml("db", port, {}, "shop"))).toEqual([
      `${WEB} > shop/Deployment/db:80 mtls ok`,
    ]);
    expect(edgesIn(web("db:80") + shop + serviceYaml("db", port))).toEqual([`${WEB} > shop/Deployment/db:80 mtls ok`]);
  });
  test("knows namespaces that only Services have, and names that are too long for the cluster", () => {
    const other = serviceYaml("db", [{ port: 80 }], {}, "other");
    expect(edgesIn(web("cache.other:80") + other)).toEqual([`${WEB} > nowhere:cache.other:80 nowhere error`]);
    const shop = db({ namespace: "other" }) + other;
    expect(edgesIn(web("a.b.db.other:80") + shop)).toEqual([`${WEB} > outside:a.b.db.other:80 outside warning`]);
    const reasons = ["example.com:443", "a.b.c.d:443"].map((remote) => topologyOf(web(remote)).edges[0]?.reason);
    expect(reasons[0]).toBe(reasons[1]!);
  });
});

describe("judgeEdge(), without sidecar at the other end", () => {
  const port = serviceYaml("db", [{ port: 80 }]);
  const env = [{ name: "A", value: "db:80" }];
  const open = workloadYaml("db", { runtimeClass: "runc" }) + port;
  test("warns where either end is confidential", () => {
    const end = `${WEB} > Deployment/db:80 no-mesh`;
    expect(edgesIn(workloadYaml("web", { env }) + open)).toEqual([`${end} warning`]);
    expect(edgesIn(workloadYaml("web", { env, runtimeClass: "runc" }) + workloadYaml("db") + port)).toEqual([
      `${end} warning`,
    ]);
    expect(edgesIn(workloadYaml("web", { env, runtimeClass: "runc" }) + open)).toEqual([`${end} info`]);
  });
  test("warns of an egress entry wherever it stands", () => {
    const value = "db#127.0.0.2:5000#db:80";
    const sidecar = { name: "contrast-service-mesh", env: [{ name: "CONTRAST_EGRESS_PROXY_CONFIG", value }] };
    const client = workloadYaml("web", { runtimeClass: "runc", pod: { initContainers: [sidecar] } });
    expect(edgesIn(client + open)).toEqual([`${WEB} > Deployment/db:80 no-mesh warning`]);
  });
});
