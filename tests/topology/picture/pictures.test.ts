import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderDot } from "../../../src/topology/picture/dot.ts";
import { renderMermaid } from "../../../src/topology/picture/mermaid.ts";
import { renderSvg } from "../../../src/topology/picture/svg.ts";
import { fitText, textWidth } from "../../../src/topology/picture/text-width.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { serviceYaml, topologyOf, workloadYaml } from "../../fakes/topology.ts";

const EXAMPLE = readFileSync(join(import.meta.dir, "../../../docs/examples/emojivoto/emojivoto.yaml"), "utf8");
const HOSTILE = `"]</title><script>alert(1)</script>\n\u202e\u0000 -->|x| n9[evil] \\" ; subgraph`;

/** Names where a hostile author can write: names, namespaces, ports, entries. */
const hostile = topologyOf(
  workloadYaml(HOSTILE, {
    namespace: HOSTILE,
    ports: [{ containerPort: 1, name: HOSTILE, protocol: HOSTILE }],
    egress: `${HOSTILE}#127.0.0.2:1#nobody:1##two#127.0.0.2:2#web:1`,
  }) + serviceYaml("web", [{ port: 1 }], { selector: { app: HOSTILE } }, HOSTILE),
);

describe("renderDot()", () => {
  test("has every workload and every connection of the example", () => {
    const dot = renderDot(topologyOf(EXAMPLE));
    expect(dot.match(/ -> /g)).toHaveLength(4);
    expect(dot).toContain(
      '"emojivoto/Deployment/web" -> "emojivoto/Deployment/emoji" [label="8080 mutual TLS", color="#1a7f37"',
    );
  });
  test("leaves no quotation mark of a name unescaped, and one statement a line", () => {
    for (const line of renderDot(hostile).split("\n").slice(3, -2)) {
      expect(line.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, "").replaceAll(/[\w=, #;[\]-]|->/g, "")).toMatch(/^>?$/);
    }
  });
});

describe("renderMermaid()", () => {
  test("has every workload and every connection of the example", () => {
    const lines = renderMermaid(topologyOf(EXAMPLE)).split("\n");
    expect(lines).toContain('  n0["Deployment web in namespace emojivoto"]');
    expect(lines).toContain('  n0 -->|"8080 mutual TLS"| n1');
  });
  test("writes marks of names as their numbers", () => {
    const lines = renderMermaid(hostile).split("\n");
    for (const line of lines.slice(1, -2)) {
      expect(line).toMatch(
        /^ {2}n\d+(?:\(?\[.*"[A-Za-z0-9 .:/_#;-]*"\]\)?(?::::open)?| -{1,2}\.?->\|"[a-zA-Z0-9 ]*"\| n\d+| -->\|"[a-zA-Z0-9 ]*"\| n\d+)$/,
      );
    }
  });
});

describe("renderSvg()", () => {
  test("draws each workload with its ports, each connection, and a legend of what is drawn", () => {
    const svg = renderSvg(topologyOf(EXAMPLE));
    expect(svg.match(/class="title text"/g)).toHaveLength(5);
    expect(svg.match(/class="link [^"]*"[^>]* d="M\d+ \d+C/g)).toHaveLength(4);
    expect(svg).toContain(">8801 prom</text>");
    expect(svg).toContain(">pods without sidecar</text>");
    expect(svg).not.toContain(">refused</text>");
  });
  test("lets no text of the YAML become markup, and names nothing to fetch", () => {
    const svg = renderSvg(hostile);
    expect(svg).not.toContain("<script");
    expect(svg).not.toContain("\u202e");
    expect(svg.replaceAll(/<\/?(?:svg|title|style|defs|marker|path|rect|circle|g|text)\b[^<>]*>/g, "")).not.toMatch(
      /[<>]/,
    );
    expect(svg).not.toMatch(/(?:href|src)=|url\((?!#end-)|@import/);
  });
  test("draws circles, connections of a workload with itself, and an empty input", () => {
    const ring = ["a", "b", "c"].map((name, index) => {
      const next = ["b", "c", "a"][index]!;
      const egress = `next#127.0.0.2:1#${next}:1##self#127.0.0.2:2#127.0.0.1:5`;
      return workloadYaml(name, { egress }) + serviceYaml(name, [{ port: 1 }]);
    });
    const svg = renderSvg(topologyOf(ring.join("")));
    expect(svg.match(/class="link [^"]*"[^>]* d="M\d+ \d+C/g)).toHaveLength(6);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(renderSvg(topologyOf("{apiVersion: v1, kind: Namespace}"))).not.toMatch(/NaN|undefined|Infinity/);
  });
  test("keeps boxes apart, and lines out of boxes that they pass", () => {
    const svg = renderSvg(topologyOf(EXAMPLE));
    const boxes = [
      ...svg.matchAll(
        /<g transform="translate\((\d+) (\d+)\)"><title>[^<]*<\/title><rect class="box[^"]*" width="(\d+)" height="(\d+)"/g,
      ),
    ].map((match) => match.slice(1).map(Number));
    expect(boxes).toHaveLength(5);
    for (const [index, [x, y, width, height]] of boxes.entries()) {
      for (const [otherX, otherY, otherWidth, otherHeight] of boxes.slice(index + 1)) {
        const apart =
          x! + width! <= otherX! ||
          otherX! + otherWidth! <= x! ||
          y! + height! <= otherY! ||
          otherY! + otherHeight! <= y!;
        expect(apart).toBe(true);
      }
    }
  });
  test("refuses what no picture holds", () => {
    const many = Array.from({ length: 2001 }, (_, index) =>
      workloadYaml(`w${index}`, { egress: "x#127.0.0.2:1#a.example:1" }),
    );
    expect(codeOf(() => renderSvg(topologyOf(many.join(""))))).toBe("topology/picture-too-large");
  });
});

describe("fitText()", () => {
  test("keeps what fits, and cuts the middle of what does not", () => {
    expect(fitText("short", 100, 12)).toBe("short");
    const cut = fitText("a-very-long-name-of-a-workload-1234", 120, 12);
    expect(cut).toMatch(/^a-very.*….*1234$/);
    expect(textWidth(cut, 12)).toBeLessThanOrEqual(120);
    expect(textWidth("日本", 10)).toBe(20);
    expect(fitText("日本語日本語日本語", 40, 10)).toContain("…");
  });
});
