import { describe, expect, test } from "bun:test";
import { Problems } from "../../src/lib/problems.ts";
import { NO_UNKNOWN_FIELDS } from "../../src/lib/go-json/go-json-codec.ts";
import type { WorkloadPolicy } from "../../src/manifest/policies.ts";
import { compareDeployment, policiesMap, policyHash, workloadSecretId } from "../../src/manifest/policies.ts";
import { defaultManifest } from "../../src/manifest/schema.ts";

const workload = (change: Partial<WorkloadPolicy>): WorkloadPolicy => ({
  hash: "aa".repeat(32),
  name: "web",
  namespace: undefined,
  group: "apps",
  version: "v1",
  kind: "Deployment",
  role: "",
  place: { file: "web.yaml", line: 1 },
  ...change,
});

describe("policyHash()", () => {
  test("is the key of the test vector", () => {
    const policy = "package agent_policy\n\ndefault AllowRequestsFailingPolicy := false\n";
    expect(policyHash(policy)).toBe("95704bc3d8f9275dc718b3009f0e10fd26e483dfaf4a06134b25f91c3590e851");
    expect(policyHash(new TextEncoder().encode(policy))).toBe(policyHash(policy));
  });
});

describe("workloadSecretId()", () => {
  test("names group, version, kind, namespace and name", () => {
    expect(workloadSecretId(workload({}))).toBe("apps/v1/Deployment/default/web");
    expect(workloadSecretId(workload({ group: "", kind: "Pod", name: "p" }))).toBe("core/v1/Pod/default/p");
    expect(workloadSecretId(workload({ group: "batch", kind: "Job", namespace: "ci", name: "migrate" }))).toBe(
      "batch/v1/Job/ci/migrate",
    );
  });
});

describe("policiesMap()", () => {
  test("gives each policy the workload's name, the wildcard and the secret id", () => {
    const problems = new Problems();
    const map = policiesMap([workload({}), workload({ hash: "bb".repeat(32), name: "db" })], problems);
    expect([...map.keys()]).toEqual(["aa".repeat(32), "bb".repeat(32)]);
    expect(map.get("bb".repeat(32))).toMatchObject({
      sans: ["db", "*"],
      workloadSecretId: "apps/v1/Deployment/default/db",
      role: "",
    });
    expect([problems.errors, problems.warnings]).toEqual([[], []]);
  });

  test("unites workloads of different names and warns for each", () => {
    const problems = new Problems();
    const map = policiesMap([workload({}), workload({ name: "db" }), workload({ name: "api" })], problems);
    expect(map.size).toBe(1);
    expect(map.get("aa".repeat(32))).toMatchObject({
      sans: ["web", "*", "db", "api"],
      workloadSecretId: "apps/v1/Deployment/default/web",
    });
    expect(problems.errors).toEqual([]);
    expect(problems.warnings.map(({ code }) => code)).toEqual(["manifest/policy-shared", "manifest/policy-shared"]);
  });

  test("rejects the same name twice with the same policy", () => {
    const problems = new Problems();
    policiesMap([workload({}), workload({ place: { file: "copy.yaml", line: 7 } })], problems);
    expect(problems.errors).toMatchObject([{ code: "manifest/policy-collision", file: "copy.yaml", line: 7 }]);
  });
});

describe("compareDeployment()", () => {
  const manifest = (...hashes: string[]) => ({
    ...defaultManifest({ snp: null, tdx: null, unknown: NO_UNKNOWN_FIELDS }),
    policies: new Map(
      hashes.map((hash) => [hash, { sans: null, workloadSecretId: "", role: "", unknown: NO_UNKNOWN_FIELDS }]),
    ),
  });
  const codes = (hashes: string[], workloads: WorkloadPolicy[]): string[] => {
    const problems = new Problems();
    compareDeployment(manifest(...hashes), workloads, problems);
    return problems.errors.map(({ code }) => code);
  };

  test("accepts equal sets, shared policies and other letter case", () => {
    expect(codes(["AA".repeat(32)], [workload({}), workload({ name: "db" })])).toEqual([]);
  });

  test("rejects an entry too many", () => {
    expect(codes(["aa".repeat(32), "bb".repeat(32)], [workload({})])).toEqual(["manifest/policy-count"]);
  });

  test("rejects a policy that the manifest lacks", () => {
    expect(codes(["bb".repeat(32)], [workload({})])).toEqual(["manifest/policy-missing"]);
  });
});
