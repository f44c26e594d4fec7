import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Json } from "../../../src/lib/json.ts";
import { renderBootstrap } from "../../../src/servicemesh/bootstrap/render-bootstrap.ts";
import { parseMeshConfig } from "../../../src/servicemesh/mesh-config.ts";
import type { Ipv6Mode } from "../../../src/servicemesh/protection-modes.ts";
import { envoyBootstrapReader } from "../../fakes/envoy-api.ts";
import { meshConfig } from "../../fakes/mesh-config.ts";

const BACKEND = "backend#127.0.0.2:4001#backend.default:4001";
const TWO = "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080";
const INGRESS = "main#8001#false##metrics#8080#true";

const read = envoyBootstrapReader();
const render = (texts: Parameters<typeof meshConfig>[0], ipv6: Ipv6Mode = "ignore") =>
  renderBootstrap(meshConfig(texts), { tlsDirectory: "/contrast/tls-config", ipv6 });

/** Values of a key anywhere inside. */
function valuesOf(key: string, value: Json): Json[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    ...(name === key ? [member] : []),
    ...valuesOf(key, member),
  ]);
}

describe("renderBootstrap() by Envoy's own API", () => {
  test.each([
    ["A", render({ ingress: INGRESS, egress: BACKEND })],
    ["B", render({})],
    ["C", render({ egress: TWO })],
    ["D", render({ adminPort: "9901" })],
    ["with IPv6", render({ egress: `${TWO}##six#127.0.0.9:80#[fd07::1]:80`, adminPort: "9901" }, "protect")],
  ])("has known fields and values only, and loses nothing on the way: %s", (_name, bootstrap) => {
    const json = JSON.parse(JSON.stringify(bootstrap));
    expect(read(json)).toEqual(json);
  });

  test("takes whatever the annotations can say", () => {
    const port = fc.integer({ min: 1, max: 15_000 });
    const entry = fc.record({
      name: fc.stringMatching(/^[^#\s]{1,20}$/),
      listen: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), port).map(([a, b, c, n]) => `127.${a}.${b}.${c}:${n}`),
      host: fc.constantFrom("db", "db.example.", "my_db", "10.0.0.1", "[fd00::1]", "[::ffff:10.0.0.1]"),
      port,
    });
    const unique = { selector: ({ name }: { name: string }) => name, maxLength: 6 };
    const modes = fc.constantFrom<Ipv6Mode>("ignore", "refuse", "protect");
    fc.assert(
      fc.property(fc.uniqueArray(entry, unique), fc.option(port, { nil: undefined }), modes, (entries, admin, ipv6) => {
        const egress = entries.map((each) => `${each.name}#${each.listen}#${each.host}:${each.port}`).join("##");
        const texts = { ingress: undefined, egress, adminPort: admin === undefined ? undefined : String(admin) };
        const config = parseMeshConfig(texts, () => {});
        const bootstrap = renderBootstrap(config, { tlsDirectory: "/contrast/tls-config", ipv6 });
        const json = JSON.parse(JSON.stringify(bootstrap));
        expect(read(json)).toEqual(json);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  // What proves that the reader above refuses anything.
  test.each([
    ["an unknown key", '"transparent":true', '"transparant":true'],
    ["an unknown word", '"LOGICAL_DNS"', '"LOGICAL_DNA"'],
    ["an unknown message", "v3.TcpProxy", "v3.TcpProxi"],
    ["an unknown key inside of a message", '"statPrefix":"ingress"', '"statPrefixx":"ingress"'],
    ["a wrong type", '"portValue":15006', '"portValue":"x"'],
  ])("would be refused with %s", (_name, from, to) => {
    const text = JSON.stringify(render({ egress: BACKEND }));
    expect(text).toContain(from);
    expect(() => read(JSON.parse(text.replace(from, to)))).toThrow();
  });

  test("keeps the bounds that the API states and readers of JSON do not check", () => {
    const bootstrap = render({ ingress: INGRESS, egress: TWO, adminPort: "9901" }, "protect");
    for (const key of ["name", "statPrefix", "cluster", "clusterName", "filename"]) {
      const values = valuesOf(key, bootstrap);
      expect(values.length).toBeGreaterThan(0);
      expect(values.filter((value) => typeof value !== "string" || value === "")).toEqual([]);
    }
    for (const port of valuesOf("portValue", bootstrap)) expect(port).toBeWithin(1, 65_536);
    expect(valuesOf("connectTimeout", bootstrap)).toEqual(["10s"]);
    const names = valuesOf("clusters", bootstrap).flatMap((clusters) => valuesOf("name", clusters));
    const own = names.filter((name) => name !== "envoy.transport_sockets.tls");
    expect(new Set(own).size).toBe(own.length);
  });
});
