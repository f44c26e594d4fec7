import { describe, expect, test } from "bun:test";
import { renderPolicyText } from "../../../src/policy/describe/render-text.ts";
import { NO_PAINT, PAINT } from "../../../src/terminal/colour.ts";
import { bareText, describeFound, foundIn } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";
import { FEATURES } from "../../fakes/pod-features.ts";

const plain = { width: 100, paint: NO_PAINT, all: false };

async function linesOf(yaml: string, layout = plain): Promise<readonly string[]> {
  return renderPolicyText(await describeFound(await foundIn(yaml)), layout);
}

describe("renderPolicyText()", () => {
  test.each([60, 80, 140])("keeps to %d columns", async (width) => {
    const lines = await linesOf(FEATURES["volumes"]!, { ...plain, width });
    // Only a word that is longer than its column may stand out.
    const wide = lines.filter((line) => line.length > width && !/\S{24,}/.test(line));
    expect(wide).toEqual([]);
  });
  test("shows what concerns the pod, and all the rest when asked", async () => {
    const [some, all] = [await linesOf(podYaml()), await linesOf(podYaml(), { ...plain, all: true })];
    expect(some.join("\n")).not.toContain("/dev/mqueue");
    expect(some.join("\n")).toContain("13 that every pod has");
    expect(all.join("\n")).toContain("/dev/mqueue");
    expect(all.join("\n")).not.toContain("that every pod has");
  });
  test("begins with the containers of the YAML, and tells annotations of the pod once", async () => {
    const lines = await linesOf(podYaml());
    expect(lines.filter((line) => line.startsWith("Container "))).toEqual(["Container main", "Container pause"]);
    expect(lines.filter((line) => /^ {4}fixed {3}team /.test(line))).toHaveLength(1);
    expect(lines.findLast((line) => line.includes("as in container"))).toMatch(
      /^ {4}1 as in container main, and \d+ that/,
    );
    const all = await linesOf(podYaml(), { ...plain, all: true });
    expect(all.filter((line) => /^ {4}fixed {3}team /.test(line))).toHaveLength(2);
  });
  test("writes out what a terminal would obey, with colours or without", async () => {
    const data = { containers: [{ OCI: { Process: { Env: ["A=\u001b]0;owned\u0007\u202e\r\nB"] } } }] };
    const found = bareText(`package x\n\npolicy_data := ${JSON.stringify(data)}`, { label: "\u001b[2J" });
    const description = await describeFound(found);
    const lines = renderPolicyText(description, plain);
    expect(lines.join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(lines.join("\n")).toContain("\\u001b]0;owned\\u0007\\u202e\\u000d\\nB");
    const coloured = renderPolicyText(description, { ...plain, paint: PAINT }).join("\n");
    expect(coloured.replace(/\u001b\[(?:0|1|2|1;31|32|33)m/g, "")).not.toContain("\u001b");
  });
  test("shows ten thousand variables in moderate time", async () => {
    const env = Array.from({ length: 10_000 }, (_, index) => `V${index}=${"x".repeat(40)}`);
    const data = JSON.stringify({ containers: [{ OCI: { Process: { Env: env } } }] });
    const description = await describeFound(bareText(`package x\n\npolicy_data := ${data}`));
    expect(renderPolicyText(description, plain).filter((line) => /^ {4}fixed {3}V\d+/.test(line))).toHaveLength(10_000);
  });
});
