import { describe, expect, test } from "bun:test";
import { findingProblem } from "../../src/lint/finding-problem.ts";
import { LINT_RULES, lintRule } from "../../src/lint/rule-catalogue.ts";
import { codeOf } from "../fakes/error-code.ts";
import { objectsFrom } from "../fakes/objects.ts";

/** The code of each rule; generate tells its findings under them, so none may change. */
const CODES: Readonly<Record<string, string>> = {
  "image-digest": "lint/image-digest",
  "component-version": "generate/release-image-version",
  "exec-probe": "lint/exec-probe",
  "env-secret": "lint/env-secret",
  "env-from-secret": "lint/env-from-secret",
  "memory-limit": "lint/memory-limit",
  "memory-small": "lint/memory-small",
  "memory-request": "lint/memory-request",
  "cpu-limit": "lint/cpu-limit",
  "gpu-platform": "generate/gpu-platform",
  "gpu-limit": "lint/gpu-limit",
  "gpu-resource": "lint/gpu-resource",
  "gpu-device": "generate/gpu-annotation",
  "gpu-unclaimed": "generate/gpu-annotation",
  "gpu-replicas": "lint/gpu-replicas",
  "gpu-memory": "generate/gpu-annotation",
  "gpu-visible": "lint/gpu-visible",
  "gpu-exposed": "lint/gpu-exposed",
  "volume-host-path": "generate/volume-shared",
  "volume-claim": "generate/volume-shared",
  "volume-shared": "generate/volume-shared",
  "volume-config": "lint/volume-config",
  "volume-unsupported": "lint/volume-unsupported",
  "sub-path": "lint/sub-path",
  "mount-unknown": "lint/mount-unknown",
  privileged: "lint/privileged",
  "host-namespace": "lint/host-namespace",
  "runtime-class-missing": "lint/runtime-class-missing",
  "namespace-missing": "lint/namespace-missing",
  "object-not-patched": "generate/object-not-patched",
  "annotation-size": "lint/annotation-size",
  "annotation-not-text": "lint/annotation-not-text",
  "annotation-differs": "lint/annotation-differs",
  "silence-invalid": "lint/silence-invalid",
  "mesh-syntax": "lint/mesh-syntax",
  "mesh-empty": "lint/mesh-empty",
  "mesh-annotation-unknown": "generate/mesh-annotation-unknown",
  "mesh-annotation-unused": "generate/mesh-annotation-unused",
  "mesh-option-unused": "lint/mesh-option-unused",
  "mesh-probe": "generate/mesh-probe",
  "mesh-protocol": "generate/mesh-protocol",
  "mesh-port-taken": "generate/mesh-port-taken",
  "mesh-admin": "lint/mesh-admin",
  "mesh-bind-all": "lint/mesh-bind-all",
  "mesh-bind-loopback": "lint/mesh-bind-loopback",
  "mesh-original-image": "lint/mesh-original-image",
};

const [object] = objectsFrom("{apiVersion: v1, kind: Pod, metadata: {name: web}}");
const finding = (rule: string) => ({
  rule,
  severity: "warning" as const,
  message: "m",
  hint: "h",
  object: object!,
  path: ["metadata", "name"],
  place: object!.locate(["metadata", "name"]),
  fix: [],
});

describe("findingProblem()", () => {
  test("has a fixed code for each rule", () => {
    const codes = LINT_RULES.map(({ id }) => [id, findingProblem(finding(id)).code]);
    expect(Object.fromEntries(codes)).toEqual(CODES);
  });

  test("keeps message, hint and place", () => {
    expect(findingProblem(finding("privileged"))).toEqual({
      code: "lint/privileged",
      message: "m",
      hint: "h",
      file: "test.yaml",
      line: 1,
      column: 46,
      path: "metadata.name",
      object: "Pod web",
    });
  });

  test("refuses rules of users, which have no code", () => {
    expect(lintRule("x-own")).toBeUndefined();
    expect(codeOf(() => findingProblem(finding("x-own")))).toBe("lib/internal");
  });
});
