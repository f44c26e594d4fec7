import { describe, expect, test } from "bun:test";
import { Problems } from "../../../src/lib/problems.ts";
import { workloadPolicies } from "../../../src/policy/find/workload-policies.ts";
import { objectsFrom } from "../../fakes/objects.ts";

const pod = (runtimeClass: string, annotations = "{}") =>
  objectsFrom(
    `{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: ${annotations}}, spec: {runtimeClassName: ${runtimeClass}, containers: []}}`,
  );

describe("workloadPolicies()", () => {
  test("warns about a confidential workload without policy, and only about that", async () => {
    const problems = new Problems();
    expect(await workloadPolicies([...pod("contrast-cc"), ...pod("runc")], problems)).toEqual([]);
    expect(problems.errors).toEqual([]);
    expect(problems.warnings).toMatchObject([{ code: "policy/workload-without-policy", object: "Pod p" }]);
  });
  test("finds both policies of a workload that carries two", async () => {
    const problems = new Problems();
    const both = `{io.katacontainers.config.agent.policy: cGFja2FnZSB4, io.katacontainers.config.hypervisor.cc_init_data: "%"}`;
    const policies = await workloadPolicies(pod("contrast-cc", both), problems);
    expect(policies.map(({ text, label }) => [text, label])).toEqual([["package x", "Pod p"]]);
    expect(problems.errors).toMatchObject([{ code: "policy/carrier-invalid" }]);
    expect(problems.warnings).toEqual([]);
  });
});
