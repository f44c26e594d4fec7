import { createHash } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { renderPolicy, renderPolicyData } from "../../src/policy/render-policy.ts";
import { derive, podYaml } from "../fakes/policy-input.ts";

const RULES = "package agent_policy\n\ndefault X := false\n";

describe("renderPolicy()", () => {
  test("joins rules and data without a final newline", async () => {
    const { data } = await derive(podYaml("env: [{name: A, value: 'ä\"/'}]"));
    const { text, hashHex, annotation } = renderPolicy(RULES, data!);
    expect(text).toBe(`${RULES}\npolicy_data := ${renderPolicyData(data!)}`);
    expect(text).toContain(
      '\n\npolicy_data := {\n  "containers": [\n    {\n      "OCI": {\n        "Version": "1.1.0",\n',
    );
    expect(text).toContain('"A=ä\\"/"');
    expect(text).toEndWith("  }\n}");
    expect(hashHex).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
    expect(annotation).toBe(Buffer.from(text, "utf8").toString("base64"));
  });
  test.each(["", "a", "ab", "abc", "ä"])("hashes and encodes rules of any length: %p", async (rules) => {
    const { data } = await derive(podYaml());
    const { text, hashHex, annotation } = renderPolicy(rules, data!);
    expect(text).toStartWith(`${rules}\npolicy_data := {`);
    expect(hashHex).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
    expect(annotation).toBe(Buffer.from(text, "utf8").toString("base64"));
  });
});

describe("renderPolicyData()", () => {
  test("prints what JSON prints with two spaces", async () => {
    const { data } = await derive(podYaml("livenessProbe: {exec: {command: [a]}}"));
    const text = renderPolicyData(data!);
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });
  test("prints the settings of each policy, not those of the last one", async () => {
    const { data } = await derive(podYaml());
    renderPolicyData(data!);
    const other = { ...data!, sandbox: { ...data!.sandbox, allowed_guest_hooks: ["/other"] } };
    expect(JSON.parse(renderPolicyData(other))).toMatchObject({ sandbox: { allowed_guest_hooks: ["/other"] } });
    expect(JSON.parse(renderPolicyData(data!))).toMatchObject({
      sandbox: { allowed_guest_hooks: ["/usr/share/oci/hooks"] },
    });
  });
});
