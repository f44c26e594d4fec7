import { describe, expect, test } from "bun:test";
import { shownText } from "../../src/generate/shown-text.ts";
import { sha256Hex } from "../../src/lib/digest.ts";
import { encodeInitdataAnnotation } from "../../src/policy/initdata/initdata-annotation.ts";
import { renderInitdata } from "../../src/policy/initdata/render-initdata.ts";

const POLICY = "package agent_policy\n".repeat(20);
const BASE64 = Buffer.from(POLICY).toString("base64");

describe("shownText()", () => {
  test.each([
    `a.b/agent.policy: ${BASE64}`,
    `a.b/agent.policy: "${BASE64}"`,
    `{"io.katacontainers.config.agent.policy": "${BASE64}"}`,
  ])("shows a policy by its key in the manifest", (line) => {
    expect(shownText(line)).toContain(`<policy ${sha256Hex(POLICY).slice(0, 12)}…>`);
    expect(shownText(line).length).toBeLessThan(80);
  });

  test("shows initdata by the digest of its document", () => {
    const document = renderInitdata({ algorithm: "sha256", data: new Map([["policy.rego", POLICY]]) });
    expect(shownText(`x.cc_init_data: ${encodeInitdataAnnotation(document)}\n`)).toBe(
      `x.cc_init_data: <policy ${sha256Hex(document).slice(0, 12)}…>\n`,
    );
  });

  test("tells policies apart that no guest could read", () => {
    const line = (text: string): string => shownText(`agent.policy: ${text.repeat(60)}`);
    expect(line("A")).not.toBe(line("B"));
    expect(line("A").length).toBeLessThan(60);
  });

  test("cuts other long lines without hiding their differences, and keeps terminals safe", () => {
    const long = (end: string): string => shownText(`a: ${"x".repeat(1000)}${end}\nb: 1\n`);
    expect(long("1")).not.toBe(long("2"));
    expect(
      long("1")
        .split("\n")
        .map((line) => line.length < 500),
    ).toEqual([true, true, true]);
    expect(shownText("a: \u001b[2J\tb")).toBe("a: \\u001b[2J\tb");
  });
});
