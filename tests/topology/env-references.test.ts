import { describe, expect, test } from "bun:test";
import { edgesIn, serviceYaml, topologyOf, workloadYaml } from "../fakes/topology.ts";

const SERVICES = workloadYaml("db") + serviceYaml("db", [{ port: 80 }]);
const told = (env: readonly object[]): readonly string[] => edgesIn(workloadYaml("web", { env }) + SERVICES);

describe("hostReferences()", () => {
  test.each(["db:0", "db:65536", "db:99999"])("takes no number out of range for a port: %s", (value) => {
    expect(told([{ name: "URL", value }])).toEqual([]);
  });
  test("takes words that every object has for no schemes with a usual port", () => {
    expect(told([{ name: "URL", value: "constructor://db" }])).toEqual([]);
    expect(told([{ name: "URL", value: "http://db" }])).toEqual(["Deployment/web > Deployment/db:80 no-mesh warning"]);
  });
  test("passes over entries without text, and ConfigMaps that the input does not have", () => {
    const reference = (name: string, key?: string) => ({ name: "A", valueFrom: { configMapKeyRef: { name, key } } });
    expect(told([{ name: "A" }, 7, reference("none", "k"), reference("none")] as object[])).toEqual([]);
  });
  test.each(["https", "wss", "rediss", "amqps", "grpcs", "tls", "ssl"])("knows that %s is TLS", (scheme) => {
    const db = workloadYaml("db", { ingress: "db#80#false" }) + serviceYaml("db", [{ port: 80 }]);
    const web = (value: string): string => workloadYaml("web", { env: [{ name: "URL", value }] });
    expect(edgesIn(web(`${scheme}://db:80`) + db)).toEqual(["Deployment/web > Deployment/db:80 tls ok"]);
    expect(edgesIn(web("tcp://db:80") + db)).toEqual(["Deployment/web > Deployment/db:80 refused warning"]);
  });
  test.each<[string, number]>([
    ["http", 80],
    ["ws", 80],
    ["https", 443],
    ["wss", 443],
    ["postgres", 5432],
    ["postgresql", 5432],
    ["mysql", 3306],
    ["redis", 6379],
    ["rediss", 6379],
    ["amqp", 5672],
    ["amqps", 5671],
    ["mongodb", 27_017],
    ["nats", 4222],
  ])("knows the port of %s", (scheme, port) => {
    const db = workloadYaml("db") + serviceYaml("db", [{ port }]);
    const web = workloadYaml("web", { env: [{ name: "URL", value: `${scheme}://db` }] });
    expect(edgesIn(web + db)).toEqual([`Deployment/web > Deployment/db:${port} no-mesh warning`]);
  });
  test("takes the port of HTTPS alone as HTTPS", () => {
    const db = workloadYaml("db", { ingress: "db#443#false" }) + serviceYaml("db", [{ port: 443 }]);
    const web = workloadYaml("web", { env: [{ name: "URL", value: "db:443" }] });
    expect(edgesIn(web + db)).toEqual(["Deployment/web > Deployment/db:443 tls ok"]);
  });
  test("names the place of each address, and tells the same address once", () => {
    const pod = {
      containers: [
        {
          name: "a",
          env: [
            { name: "A", value: "x" },
            { name: "B", value: "db:80" },
          ],
        },
        { name: "b", env: [{ name: "C", value: "db:80" }], args: ["run", "db:81"], command: ["db:82"] },
      ],
    };
    const { edges } = topologyOf(workloadYaml("web", { pod }) + SERVICES);
    expect(edges.map(({ remote, place }) => `${remote} ${place.path}`)).toEqual([
      "db:80 spec.template.spec.containers[0].env[1]",
      "db:82 spec.template.spec.containers[1].command[0]",
      "db:81 spec.template.spec.containers[1].args[1]",
    ]);
  });
  test("leaves out what is more than anybody configures", () => {
    const env = Array.from({ length: 300 }, (_, index) => ({ name: `V${index}`, value: `db:${index + 1}` }));
    expect(told(env)).toHaveLength(256);
  });
});

describe("judgeEdge()", () => {
  test("takes ports of a Coordinator for those only where one is", () => {
    const ports = serviceYaml("db", [{ port: 1313 }, { port: 7777 }]);
    const role = { "contrast.edgeless.systems/pod-role": "coordinator" };
    const web = (port: number): string => workloadYaml("web", { env: [{ name: "A", value: `db:${port}` }] });
    for (const port of [1313, 7777]) {
      const end = `Deployment/web > Deployment/db:${port}`;
      expect(edgesIn(web(port) + workloadYaml("db") + ports)).toEqual([`${end} no-mesh warning`]);
      expect(edgesIn(web(port) + workloadYaml("db", { annotations: role }) + ports)).toEqual([`${end} attested ok`]);
    }
  });
});
