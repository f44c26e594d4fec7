import { describe, expect, test } from "bun:test";
import { readTopology } from "../../src/topology/topology.ts";
import { objectsFrom } from "../fakes/objects.ts";
import { codeOf } from "../fakes/error-code.ts";
import { edgesIn, serviceYaml, topologyOf, workloadYaml } from "../fakes/topology.ts";

const HTTP = [{ containerPort: 8080, name: "http" }];
const egress = (remote: string): string => `db#127.0.0.2:5000#${remote}`;
const client = (remote: string, namespace = "shop"): string =>
  workloadYaml("web", { namespace, egress: egress(remote) });
const server = (ingress: string | undefined = "", namespace = "shop"): string =>
  workloadYaml("db", { namespace, ports: HTTP, ...(ingress !== "none" && { ingress }) });
const service = (spec: object = {}, namespace = "shop"): string =>
  serviceYaml("db", [{ port: 80, targetPort: "http" }], spec, namespace);

const WEB = "shop/Deployment/web";
const DB = "shop/Deployment/db";

describe("readTopology(), egress entries", () => {
  test.each([
    "db:80",
    "db.shop:80",
    "db.shop.svc:80",
    "db.shop.svc.cluster.local:80",
    "db.shop.svc.cluster.local.:80",
    "DB.shop:80",
    "10.1.2.3:80",
  ])("finds a Service by %s and follows its named port", (remote) => {
    const yaml = client(remote) + server() + service({ clusterIP: "10.1.2.3" });
    expect(edgesIn(yaml)).toEqual([`${WEB} > ${DB}:8080 mtls ok`]);
  });
  test.each<[string, string, string]>([
    ["db#8080#false", "tls", "ok"],
    ["db#8080#true", "plain", "warning"],
    ["none", "no-mesh", "warning"],
  ])("judges the other end: %s", (ingress, verdict, severity) => {
    expect(edgesIn(client("db:80") + server(ingress) + service())).toEqual([
      `${WEB} > ${DB}:8080 ${verdict} ${severity}`,
    ]);
  });
  test.each<[string, string, string]>([
    ["a port that the Service lacks", "db:81", `${WEB} > nowhere:db:81 nowhere error`],
    ["a name that nothing has", "cache:80", `${WEB} > nowhere:cache:80 nowhere error`],
    ["a name in a namespace of the input", "cache.shop:80", `${WEB} > nowhere:cache.shop:80 nowhere error`],
    ["another namespace", "db.other.svc:80", `${WEB} > outside:db.other.svc:80 outside warning`],
    ["a name of the world", "example.com:443", `${WEB} > outside:example.com:443 outside warning`],
    ["a name that ends the search", "db.shop.:80", `${WEB} > outside:db.shop.:80 outside warning`],
    ["an address", "192.0.2.1:80", `${WEB} > outside:192.0.2.1:80 outside warning`],
    ["a pod of a Service that is not headless", "db-0.db:80", `${WEB} > outside:db-0.db:80 outside warning`],
    ["itself", "127.0.0.1:7000", `${WEB} > ${WEB}:7000 mtls ok`],
    ["a port of the proxy", "db-direct:1", `${WEB} > ${DB}:15006 nowhere error`],
  ])("says where an entry ends: %s", (_what, remote, edge) => {
    const direct = serviceYaml("db-direct", [{ port: 1, targetPort: 15_006 }], { selector: { app: "db" } }, "shop");
    expect(edgesIn(client(remote) + server() + service() + direct)).toEqual([edge]);
  });
  test("does not translate ports of headless Services, and finds one pod of a StatefulSet", () => {
    const set = workloadYaml("db", {
      namespace: "shop",
      ingress: "",
      kind: "StatefulSet",
      spec: { serviceName: "db" },
    });
    const headless = service({ clusterIP: "None" });
    const found = (remote: string) => edgesIn(client(remote) + set + headless);
    expect(found("db:9999")).toEqual([`${WEB} > shop/StatefulSet/db:9999 mtls ok`]);
    expect(found("db-0.db:80")).toEqual([`${WEB} > shop/StatefulSet/db:80 mtls ok`]);
    expect(found("db-12.db.shop:80")).toEqual([`${WEB} > shop/StatefulSet/db:80 mtls ok`]);
    expect(found("db-x.db:80")).toEqual([`${WEB} > nowhere:db-x.db:80 nowhere error`]);
  });
  test("names every workload that a selector takes, each with its own port of the name", () => {
    const other = workloadYaml("other", {
      namespace: "shop",
      ports: [{ containerPort: 9000, name: "http" }],
      spec: {
        template: {
          metadata: { labels: { app: "db" } },
          spec: { containers: [{ name: "app", ports: [{ containerPort: 9000, name: "http" }] }] },
        },
      },
    });
    expect(edgesIn(client("db:80") + server() + other + service())).toEqual([
      `${WEB} > ${DB}:8080 mtls ok`,
      `${WEB} > shop/Deployment/other:9000 no-mesh warning`,
    ]);
  });
  test.each<[string, object, string]>([
    ["matches nothing", { selector: { app: "nobody" } }, "nowhere error"],
    ["wants more labels than pods have", { selector: { app: "db", tier: "1" } }, "nowhere error"],
    ["is no text", { selector: { app: 1 } }, "nowhere error"],
    ["is missing", { selector: null }, "outside warning"],
  ])("says so where a selector %s", (_what, spec, end) => {
    const [verdict] = end.split(" ");
    expect(edgesIn(client("db:80") + server() + service(spec))).toEqual([`${WEB} > ${verdict}:db:80 ${end}`]);
  });
  test("says so where no container has a port of the name", () => {
    const nameless = workloadYaml("db", { namespace: "shop", ingress: "" });
    expect(edgesIn(client("db:80") + nameless + service())).toEqual([`${WEB} > nowhere:db:80 nowhere error`]);
  });
  test("follows an ExternalName to a Service and out of the cluster, and ends in circles", () => {
    const alias = (externalName: string) => serviceYaml("alias", [], { type: "ExternalName", externalName }, "shop");
    const found = (name: string) => edgesIn(client("alias:80") + server() + service() + alias(name));
    expect(found("db.shop.svc.cluster.local")).toEqual([`${WEB} > ${DB}:8080 mtls ok`]);
    expect(found("db.shop")).toEqual([`${WEB} > outside:alias:80 outside warning`]);
    expect(found("alias.shop.svc.cluster.local")).toEqual([`${WEB} > nowhere:alias:80 nowhere error`]);
  });
  test("lets objects without namespace meet those of any, an exact match first", () => {
    const web = workloadYaml("web", { egress: egress("db:80") });
    const db = workloadYaml("db", { ingress: "", ports: HTTP });
    const own = serviceYaml("db", [{ port: 80, targetPort: "http" }]);
    expect(edgesIn(web + db + own)).toEqual(["Deployment/web > Deployment/db:8080 mtls ok"]);
    expect(edgesIn(workloadYaml("web", { egress: egress("db.default:80") }) + db + own)).toEqual([
      "Deployment/web > Deployment/db:8080 mtls ok",
    ]);
    expect(edgesIn(client("db:80") + server() + service() + server("none", "b") + service({}, "b"))).toEqual([
      `${WEB} > ${DB}:8080 mtls ok`,
    ]);
    // Two namespaces have one; which one is meant the YAML does not say.
    const both = server("", "a") + service({}, "a") + server("", "b") + service({}, "b");
    expect(edgesIn(web + both)).toEqual(["Deployment/web > nowhere:db:80 nowhere error"]);
  });
  test("takes another domain of the cluster", () => {
    const yaml = client("db.shop.svc.corp.example:80") + server() + service();
    expect(edgesIn(yaml)).toEqual([`${WEB} > outside:db.shop.svc.corp.example:80 outside warning`]);
    expect(edgesIn(yaml, { clusterDomain: "corp.example" })).toEqual([`${WEB} > ${DB}:8080 mtls ok`]);
  });
  test("knows a Coordinator's own TLS", () => {
    const coordinator = workloadYaml("db", {
      namespace: "shop",
      kind: "StatefulSet",
      annotations: { "contrast.edgeless.systems/pod-role": "coordinator" },
    });
    const ports = serviceYaml("db", [{ port: 1313 }, { port: 80 }], {}, "shop");
    const web = workloadYaml("web", {
      namespace: "shop",
      env: [
        { name: "A", value: "db:1313" },
        { name: "B", value: "db:80" },
      ],
    });
    expect(edgesIn(web + coordinator + ports)).toEqual([
      `${WEB} > shop/StatefulSet/db:1313 attested ok`,
      `${WEB} > shop/StatefulSet/db:80 no-mesh warning`,
    ]);
  });
  test("gives objects of the same name different ids", () => {
    const ids = topologyOf(server() + server()).workloads.map(({ id }) => id);
    expect(ids).toEqual([DB, `${DB}#2`]);
  });
  test("matches a thousand workloads quickly", () => {
    const yaml = Array.from({ length: 1000 }, (_, index) => {
      const egress = [1, 2, 3].map((step) => `e${step}#127.0.0.${step}:1#w${(index + step) % 1000}:80`).join("##");
      return workloadYaml(`w${index}`, { egress }) + serviceYaml(`w${index}`, [{ port: 80 }]);
    }).join("");
    const objects = objectsFrom(yaml);
    const start = performance.now();
    const { edges } = readTopology(objects, { skipServiceMesh: false, clusterDomain: "cluster.local" });
    // Comparing each with each would take many times as long; usual are some 50 ms.
    expect(performance.now() - start).toBeLessThan(1500);
    expect(edges.filter(({ verdict }) => verdict === "mtls")).toHaveLength(3000);
  });
  test("refuses selectors that must be compared with everything, even where nothing matches", () => {
    const pod = (name: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {app: db}}\nspec: {containers: [{name: c, image: x}]}\n---\n`;
    const pods = Array.from({ length: 2001 }, (_, index) => pod(`p${index}`)).join("");
    const unmatched =
      "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: none}]}\n---\n";
    const entries = Array.from({ length: 1000 }, (_, index) => `e${index}#127.0.0.2:${index + 1}#db:80`).join("##");
    const web = (name: string): string => workloadYaml(name, { namespace: "shop", egress: entries });
    const yaml = pods + unmatched + ["a", "b", "c", "d", "e"].map(web).join("---\n");
    expect(codeOf(() => topologyOf(yaml))).toBe("topology/too-many-edges");
  });

  test("refuses more edges than anybody reads", () => {
    const entries = Array.from({ length: 1000 }, (_, index) => `e${index}#127.0.0.2:${index + 1}#db:80`).join("##");
    const many = Array.from({ length: 60 }, () => server()).join("");
    const yaml = workloadYaml("web", { namespace: "shop", egress: entries }) + many + service();
    expect(codeOf(() => topologyOf(yaml))).toBe("topology/too-many-edges");
  });
});

describe("readTopology(), addresses in variables and arguments", () => {
  const told = (value: string, name = "DATABASE", ingress: string | undefined = "none"): readonly string[] =>
    edgesIn(workloadYaml("web", { namespace: "shop", env: [{ name, value }] }) + server(ingress) + service());
  test.each([
    "db:80",
    "http://db",
    "http://db/path?x=1",
    "http://user:secret@db.shop/",
    "tcp://db.shop.svc.cluster.local:80",
    "a=1;host=db:80,b=2",
    '{"address":"db:80"}',
  ])("finds the Service in %p", (value) => {
    expect(told(value)).toEqual([`${WEB} > ${DB}:8080 no-mesh warning`]);
  });
  test.each(["db", "mydb:80", "db:http", "db:800000", "x-db:80", "db:80:90x", "label=db", `${"a".repeat(5000)} db:80`])(
    "leaves %p alone",
    (value) => {
      expect(told(value)).toEqual([]);
    },
  );
  test("takes a bare name where the variable is for one, and all ports of the Service", () => {
    expect(told("db", "DB_HOST")).toEqual([`${WEB} > ${DB}:8080 no-mesh warning`]);
    expect(told("nobody", "DB_HOST")).toEqual([]);
  });
  test.each<[string, string, string]>([
    ["http://db", "", "refused warning"],
    ["http://db", "db#8080#false", "refused warning"],
    ["https://db:80", "db#8080#false", "tls ok"],
    ["https://db:80", "", "refused warning"],
    ["http://db", "db#8080#true", "plain warning"],
  ])("judges %s to a port of %p", (value, ingress, end) => {
    expect(told(value, "URL", ingress)).toEqual([`${WEB} > ${DB}:8080 ${end}`]);
  });
  test("reads arguments, and ConfigMaps of the input", () => {
    const pod = { containers: [{ name: "app", args: ["--upstream=db:80"], command: ["run", "db.shop:80"] }] };
    expect(edgesIn(workloadYaml("web", { namespace: "shop", pod }) + server("none") + service())).toHaveLength(2);
    const config = `---\n${JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "shop" }, data: { k: "db:80" } })}\n`;
    const env = [{ name: "A", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }];
    expect(edgesIn(workloadYaml("web", { namespace: "shop", env }) + config + server("none") + service())).toHaveLength(
      1,
    );
  });
  test("is quick with hostile text", () => {
    const texts = [
      "a".repeat(4095) + ":",
      "a.".repeat(2047) + ":",
      "a://".repeat(1000),
      "a@".repeat(2000) + ":",
      "a-".repeat(2000) + ":",
    ];
    const env = texts.map((value, index) => ({ name: `V${index}`, value }));
    const start = performance.now();
    edgesIn(workloadYaml("web", { env }));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("readTopology(), clients outside of the cluster", () => {
  const OUT = "clients:outside of the cluster";
  test.each<[string, object]>([
    ["LoadBalancer", { type: "LoadBalancer" }],
    ["NodePort", { type: "NodePort" }],
    ["external addresses", { externalIPs: ["192.0.2.1"] }],
  ])("come in by a Service: %s", (_what, spec) => {
    expect(edgesIn(server("db#8080#false") + service(spec))).toEqual([`${OUT} > ${DB}:8080 tls ok`]);
    expect(edgesIn(server() + service(spec))).toEqual([`${OUT} > ${DB}:8080 mtls info`]);
    expect(edgesIn(server("db#8080#true") + service(spec))).toEqual([`${OUT} > ${DB}:8080 plain warning`]);
    expect(edgesIn(server("none") + service(spec))).toEqual([`${OUT} > ${DB}:8080 no-mesh warning`]);
  });
  test("come in by a port of the node", () => {
    const ports = [{ containerPort: 8080, hostPort: 80 }];
    expect(edgesIn(workloadYaml("db", { namespace: "shop", ingress: "", ports }))).toEqual([
      `${OUT} > ${DB}:8080 mtls info`,
    ]);
  });
  test("come in by an Ingress, which has no certificate of the mesh", () => {
    const backend = (name: string, port: object) => ({ service: { name, port } });
    const rules = [
      { http: { paths: [{ backend: backend("db", { number: 80 }) }, { backend: backend("no", { number: 1 }) }] } },
    ];
    const spec = { defaultBackend: backend("db", { name: "web" }), rules };
    const metadata = { name: "in", namespace: "shop" };
    const ingress = JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata, spec });
    const named = serviceYaml("db", [{ port: 80, name: "web", targetPort: "http" }], {}, "shop");
    expect(edgesIn(`---\n${ingress}\n${server()}${named}`)).toEqual([
      `${OUT} > ${DB}:8080 refused warning`,
      `${OUT} > ${DB}:8080 refused warning`,
      `${OUT} > nowhere:no:1 nowhere error`,
    ]);
  });
});
