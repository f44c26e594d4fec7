import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Finding } from "../../src/servicemesh/finding.ts";
import { parseMeshConfig } from "../../src/servicemesh/mesh-config.ts";
import type { MeshConfig } from "../../src/servicemesh/mesh-config.ts";

type List = "ingress" | "egress" | "adminPort";

interface Parsed {
  readonly config: MeshConfig;
  /** Each finding as `severity code`. */
  readonly findings: string[];
}

function parse(annotations: Partial<Record<List, string>>): Parsed {
  const findings: Finding[] = [];
  const texts = { ingress: undefined, egress: undefined, adminPort: undefined, ...annotations };
  const config = parseMeshConfig(texts, (finding) => findings.push(finding));
  return { config, findings: findings.map(({ severity, code }) => `${severity} ${code}`) };
}

const ingress = (port: number, disableTls: boolean, name = "web") => ({ name, port, disableTls });
const egress = (name: string, listenAddress: string, listenPort: number, remoteHost: string, remotePort: number) => ({
  name,
  listenAddress,
  listenPort,
  remoteHost,
  remotePort,
});

/** A host name of so many characters, in labels of at most 63. */
const hostName = (length: number): string => "a".repeat(length).replaceAll(/(.{63})./g, "$1.");

describe("parseMeshConfig()", () => {
  const accepted: [number, List, string, unknown, string[]][] = [
    [1, "ingress", "", [], []],
    [
      2,
      "ingress",
      "main#8001#false##metrics#8080#true",
      [ingress(8001, false, "main"), ingress(8080, true, "metrics")],
      [],
    ],
    [3, "ingress", "web#8080#false", [ingress(8080, false)], []],
    [4, "ingress", "##web#8080#false##", [ingress(8080, false)], ["info servicemesh/entry-empty"]],
    [5, "ingress", "#8080#false", [ingress(8080, false, "")], ["warning servicemesh/name-empty"]],
    [13, "ingress", "web#8080#T", [ingress(8080, true)], []],
    [
      20,
      "egress",
      "backend#127.0.0.2:4001#backend.default:4001",
      [egress("backend", "127.0.0.2", 4001, "backend.default", 4001)],
      [],
    ],
    [
      21,
      "egress",
      "billing#127.137.0.1:8081#billing-svc:8080##cart#127.137.0.2:8081#cart-svc:8080",
      [
        egress("billing", "127.137.0.1", 8081, "billing-svc", 8080),
        egress("cart", "127.137.0.2", 8081, "cart-svc", 8080),
      ],
      [],
    ],
    [
      34,
      "egress",
      "x#127.0.0.2:80#[fd00::1]:443",
      [egress("x", "127.0.0.2", 80, "fd00::1", 443)],
      ["warning servicemesh/remote-ipv6"],
    ],
    [36, "adminPort", "9901", 9901, []],
  ];

  test.each(accepted)("accepts vector %d: %s %j", (_number, list, text, wanted, findings) => {
    const parsed = parse({ [list]: text });
    expect(parsed.config[list]).toEqual(wanted as never);
    expect(parsed.findings).toEqual(findings);
  });

  test("accepts vector 19, the empty egress list, and says that it has no remote", () => {
    const parsed = parse({ egress: "" });
    expect(parsed.config).toEqual({ ingress: [], egress: [], adminPort: undefined });
    expect(parsed.findings).toEqual(["warning servicemesh/egress-empty"]);
  });

  const rejected: [number, List, string, string][] = [
    [6, "ingress", "web#8080", "entry-malformed"],
    [7, "ingress", "web#8080#false#x", "entry-malformed"],
    [8, "ingress", "web# 8080#false", "field-space"],
    [9, "ingress", "web#http#false", "port-invalid"],
    [10, "ingress", "web#70000#false", "port-invalid"],
    [11, "ingress", "web#-1#false", "port-invalid"],
    [12, "ingress", "web#0#false", "port-invalid"],
    [14, "ingress", "web#8080#yes", "boolean-invalid"],
    [15, "ingress", "web#8080#", "boolean-invalid"],
    [16, "ingress", "a#80#true##b#80#false", "port-conflict"],
    [17, "ingress", "web#8080#false#metrics#7890#true", "entry-malformed"],
    [18, "ingress", "DISABLED", "entry-malformed"],
    [22, "egress", "x#10.0.0.1:80#y:80", "listen-invalid"],
    [23, "egress", "x#[::1]:80#y:80", "listen-invalid"],
    [24, "egress", "x#[::ffff:127.0.0.1]:80#y:80", "listen-invalid"],
    [25, "egress", "x#localhost:80#y:80", "listen-invalid"],
    [26, "egress", "x#127.0.0.01:80#y:80", "listen-invalid"],
    [27, "egress", "x#127.0.0.2:70000#y:80", "port-invalid"],
    [28, "egress", "x#127.0.0.2:80#y", "remote-invalid"],
    [29, "egress", "x#127.0.0.2:80#y:http", "port-invalid"],
    [30, "egress", "x#127.0.0.2:80#y:70000", "port-invalid"],
    [31, "egress", "x#127.0.0.2:80#:80", "remote-invalid"],
    [32, "egress", "#127.0.0.2:80#y:80", "name-empty"],
    [33, "egress", "x#127.0.0.2:0#y:80", "port-invalid"],
    [35, "egress", "ingress#127.0.0.2:80#y:80", "name-reserved"],
    [37, "adminPort", "0", "port-invalid"],
    [38, "adminPort", "99x", "port-invalid"],
  ];

  test.each(rejected)("rejects vector %d: %s %j", (_number, list, text, code) => {
    const parsed = parse({ [list]: text });
    expect(parsed.findings).toEqual([`error servicemesh/${code}`]);
    // Of two conflicting entries the first is kept for checks that follow.
    if (list !== "adminPort" && code !== "port-conflict") expect(parsed.config[list]).toEqual([]);
  });

  test("covers all 38 vectors", () => {
    const numbers = [...accepted, ...rejected].map(([number]) => number);
    expect(new Set([...numbers, 19]).size).toBe(38);
  });

  test("hints at the separator and at the value of later versions", () => {
    const hints: (string | undefined)[] = [];
    const ask = (text: string): void => {
      parseMeshConfig({ ingress: text, egress: undefined, adminPort: undefined }, ({ hint }) => hints.push(hint));
    };
    ask("web#8080#false#metrics#7890#true");
    ask("DISABLED");
    ask("web# 8080#false");
    expect(hints[0]).toContain("##");
    expect(hints[1]).toContain("DISABLED");
    expect(hints[2]).toContain('"8080"');
    hints.length = 0;
    for (const text of ["web#8080", "web#8080#false#x"]) ask(text);
    expect(hints[0]).toBe(hints[1]!);
  });

  test.each(["1", "t", "T", "TRUE", "true", "True"])("reads %j as true", (literal) => {
    expect(parse({ ingress: `web#80#${literal}` }).config.ingress).toEqual([ingress(80, true)]);
  });

  test.each(["0", "f", "F", "FALSE", "false", "False"])("reads %j as false", (literal) => {
    expect(parse({ ingress: `web#80#${literal}` }).config.ingress).toEqual([ingress(80, false)]);
  });

  test.each([
    ["egress", "a#127.0.0.2:80#y:80##a#127.0.0.3:80#y:80", "error servicemesh/name-twice"],
    ["egress", "a#127.0.0.2:80#y:80##b#127.0.0.2:80#y:80", "error servicemesh/listener-twice"],
    ["egress", "BlackHoleCluster#127.0.0.2:80#y:80", "error servicemesh/name-reserved"],
    ["egress", "IngressCluster#127.0.0.2:80#y:80", "error servicemesh/name-reserved"],
    ["egress", "ingressWithoutClientAuth#127.0.0.2:80#y:80", "error servicemesh/name-reserved"],
    ["egress", `a#127.0.0.2:80#${hostName(254)}:443`, "error servicemesh/remote-invalid"],
    ["egress", "a#127.0.0.2:15006#y:80", "error servicemesh/port-reserved"],
    ["egress", "a#127.0.0.2:80#fd00::1:443", "error servicemesh/remote-invalid"],
    ["egress", "a#127.0.0.2:80#[::x]:443", "error servicemesh/remote-invalid"],
    ["egress", "a#127.0.0.2:80#1.2.3:443", "error servicemesh/remote-invalid"],
    ["egress", "a#127.0.0.2:80#-y:443", "error servicemesh/remote-invalid"],
    ["egress", "a#127.0.0.2:80#y..z:443", "error servicemesh/remote-invalid"],
    ["egress", "a#127.0.0.2:80#my_db:443", "warning servicemesh/remote-underscore"],
    ["egress", "a#127.0.0.2:80# y:443", "error servicemesh/field-space"],
    ["egress", "a #127.0.0.2:80#y:443", "error servicemesh/field-space"],
    ["egress", "a#127.0.0.2:80 #y:443", "error servicemesh/field-space"],
    ["egress", "a# 127.0.0.2:80#y:443", "error servicemesh/field-space"],
    ["egress", "a#127.0.0.2#y:443", "error servicemesh/listen-invalid"],
    ["ingress", "a#15006#true", "error servicemesh/port-reserved"],
    ["ingress", "a#15007#false", "error servicemesh/port-reserved"],
    ["ingress", "a#80#true##b#80#true", "warning servicemesh/port-twice"],
    ["ingress", "a#+80#true", "error servicemesh/port-invalid"],
    ["ingress", "a#080#true ", "error servicemesh/field-space"],
    ["adminPort", "15007", "error servicemesh/port-reserved"],
    ["adminPort", " 9901", "error servicemesh/field-space"],
  ])("says about %s %j: %s", (list, text, finding) => {
    expect(parse({ [list]: text }).findings).toEqual([finding]);
  });

  test.each(["db.example.", "10.0.0.5", "a.b-c.d", "x1", "1x.example", hostName(253), `${hostName(253)}.`])(
    "accepts the remote host %j",
    (host) => {
      expect(parse({ egress: `a#127.0.0.2:80#${host}:443` }).findings).toEqual([]);
    },
  );

  test("leaves an entry out whose name has white space around it", () => {
    const { config, findings } = parse({ ingress: " web#8080#true" });
    expect(config.ingress).toEqual([]);
    expect(findings).toEqual(["error servicemesh/field-space"]);
  });

  test("takes 1024 entries and not one more", () => {
    const list = (count: number): string =>
      Array.from({ length: count }, (_, index) => `a#${index + 1}#true`).join("##");
    expect(parse({ ingress: list(1024) }).config.ingress).toHaveLength(1024);
    expect(parse({ ingress: list(1025) })).toEqual({
      config: { ingress: [], egress: [], adminPort: undefined },
      findings: ["error servicemesh/entry-malformed"],
    });
  });

  test("finds an admin port that an egress listener needs too", () => {
    const parsed = parse({ egress: "a#127.0.0.2:9901#y:80", adminPort: "9901" });
    expect(parsed.findings).toEqual(["error servicemesh/port-conflict"]);
  });

  test("reports every bad entry with its number and keeps the good ones", () => {
    const findings: Finding[] = [];
    const text = "a#x#true##b#80#true##c#81#maybe";
    const { ingress: entries } = parseMeshConfig(
      { ingress: text, egress: undefined, adminPort: undefined },
      (finding) => findings.push(finding),
    );
    expect(entries).toEqual([ingress(80, true, "b")]);
    expect(findings.map(({ entry }) => entry)).toEqual([1, 3]);
  });

  test("reads back every list that is written by its rules", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const port = fc.integer({ min: 1, max: 65_535 }).filter((value) => value !== 15_006 && value !== 15_007);
    const entry = fc.record({ name, port, disableTls: fc.boolean() });
    const entries = fc.uniqueArray(entry, { selector: (value) => value.port, maxLength: 8 });
    fc.assert(
      fc.property(entries, (list) => {
        const text = list.map((each) => `${each.name}#${each.port}#${each.disableTls}`).join("##");
        expect(parse({ ingress: text })).toEqual({
          config: { ingress: list, egress: [], adminPort: undefined },
          findings: [],
        });
      }),
      { seed: 7 },
    );
  });

  test("never throws and stays quick on hostile text", () => {
    const hostile = fc.string({
      unit: fc.constantFrom("#", "##", ":", "[", "]", "127.0.0.1", "80", "true", " ", "\n", "😀"),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        for (const list of ["ingress", "egress", "adminPort"]) parse({ [list]: text });
      }),
      { seed: 8, numRuns: 1000 },
    );
    const huge = parse({
      ingress: "a#1#true##".repeat(100_000),
      egress: "#".repeat(1_000_000),
      adminPort: "9".repeat(1_000_000),
    });
    expect(huge.findings.length).toBeLessThan(2000);
  });
});
