import { describe, expect, test } from "bun:test";
import { parseInput } from "../../src/kubernetes/input-set.ts";
import { Problems } from "../../src/lib/problems.ts";
import { createReport, findFindings, type LintReport } from "../../src/lint/lint-report.ts";
import { LINT_OPTIONS } from "../fakes/lint.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  runtimeClassName: contrast-cc
  containers:
    - name: web
      image: web:1
      resources: {limits: {memory: 64Mi}}
      env: [{name: DB_PASSWORD, value: hunter2}]
# contrast-lint: ignore image-digest
`;

async function reportOf(text: string): Promise<LintReport> {
  const problems = new Problems();
  const file = parseInput(new TextEncoder().encode(text), "pod.yaml", problems);
  const choice = { severity: "info", ignored: new Set<string>() } as const;
  return createReport([file!], await findFindings([file!], LINT_OPTIONS, [], choice), problems);
}

describe("createReport()", () => {
  test("tells findings in the order of the file, each with its object unless it is about the file", async () => {
    const { findings } = await reportOf(POD);
    const told = findings.map(({ code, line, object, path }) => [code, line, object, path]);
    expect(told).toEqual([
      ["image-digest", 8, "Pod web", "spec.containers[0].image"],
      ["env-secret", 10, "Pod web", "spec.containers[0].env[0].value"],
      ["silence-invalid", 11, undefined, undefined],
    ]);
  });
  test("shows the line of a finding, but none that may hold a secret", async () => {
    const { findings } = await reportOf(POD);
    const sources = new Map(findings.map(({ code, source }) => [code, source]));
    expect(sources.get("image-digest")).toBe("      image: web:1");
    expect(sources.get("env-secret")).toBeUndefined();
  });
});
