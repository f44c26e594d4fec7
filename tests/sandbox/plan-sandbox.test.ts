import { describe, expect, test } from "bun:test";
import type { WorkloadPolicy } from "../../src/manifest/policies.ts";
import { planSandbox } from "../../src/sandbox/plan-sandbox.ts";
import { findWorkload, nameWorkloads } from "../../src/sandbox/workload-names.ts";
import { codeOf } from "../fakes/error-code.ts";
import { hashOf, plannedWorkload } from "../fakes/sandbox.ts";

const PORTS = { userApi: 1313, meshApi: 7777, vendor: 8313, metrics: 0 };

function deployed(name: string, byte: string, change: Partial<WorkloadPolicy> = {}): WorkloadPolicy {
  const place = { file: "x.yaml" };
  return {
    hash: hashOf(byte),
    name,
    namespace: "shop",
    group: "apps",
    version: "v1",
    kind: "Deployment",
    role: "",
    place,
    ...change,
  };
}

describe("planSandbox()", () => {
  const coordinator = deployed("coordinator", "c0", { role: "coordinator", kind: "StatefulSet" });

  test("plans an Initializer for each workload, with the policy hash of its own", () => {
    const planned = planSandbox([deployed("web", "01"), coordinator, deployed("db", "02")], "tdx", PORTS);
    expect(planned.coordinator.policyHash).toBe(hashOf("c0"));
    expect(planned.workloads).toEqual([plannedWorkload("web", "01"), plannedWorkload("db", "02")]);
    expect([planned.platform, planned.ports, planned.startedAt]).toEqual(["tdx", PORTS, null]);
  });

  test("needs policies and a Coordinator", () => {
    expect(codeOf(() => planSandbox([], "tdx", PORTS))).toBe("sandbox/no-policies");
    expect(codeOf(() => planSandbox([deployed("web", "01")], "tdx", PORTS))).toBe("sandbox/no-coordinator");
  });
});

describe("nameWorkloads()", () => {
  const named = (...workloads: readonly (readonly [string, string, string])[]): readonly string[] =>
    nameWorkloads(
      workloads.map(([kind, name, namespace]) => ({ kind, name, namespace, policyHash: hashOf("00") })),
    ).map(({ id }) => id);

  test("adds the namespace only where kind and name are not enough", () => {
    expect(named(["Pod", "a", "x"], ["Pod", "a", "y"], ["Pod", "a", "y"], ["Job", "a", "y"])).toEqual([
      "pod-a",
      "pod-a.y",
      "pod-a.y_2",
      "job-a",
    ]);
  });

  test("makes no path of what the YAML says", () => {
    for (const id of named(["Pod", "../../etc", "x"], ["..", "/", "x"], ["Pod", "..", "x"])) {
      expect(id).toMatch(/^[^/\\]+$/);
      expect([".", ".."]).not.toContain(id);
    }
  });
});

describe("findWorkload()", () => {
  const workloads = [
    plannedWorkload("web", "01"),
    plannedWorkload("db", "02"),
    { ...plannedWorkload("web", "03"), id: "statefulset-web", kind: "StatefulSet" },
  ];

  test.each([
    ["db", "deployment-db"],
    ["deployment/web", "deployment-web"],
    ["StatefulSet/web", "statefulset-web"],
    ["statefulset-web", "statefulset-web"],
  ])("takes %s as %s", (text, id) => {
    expect(findWorkload(workloads, text).id).toBe(id);
  });

  test("does not guess", () => {
    expect(codeOf(() => findWorkload(workloads, "web"))).toBe("sandbox/workload-ambiguous");
    expect(codeOf(() => findWorkload(workloads, "dbb"))).toBe("sandbox/workload-unknown");
    expect(codeOf(() => findWorkload([], "x"))).toBe("sandbox/workload-unknown");
  });
});
