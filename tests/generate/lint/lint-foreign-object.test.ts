import { describe, expect, test } from "bun:test";
import { lintForeignObject } from "../../../src/generate/lint/lint-foreign-object.ts";
import { Problems } from "../../../src/lib/problems.ts";
import { objectsFrom } from "../../fakes/objects.ts";

/** Warnings about objects, as `code path`. */
function lint(yaml: string): readonly string[] {
  const problems = new Problems();
  for (const object of objectsFrom(yaml)) lintForeignObject(object, problems);
  expect(problems.errors).toEqual([]);
  return problems.warnings.map(({ code, path, object }) => `${code} ${path} ${object}`);
}

describe("lintForeignObject()", () => {
  test("finds a confidential runtime class at any depth, once", () => {
    const template = "{spec: {runtimeClassName: contrast-cc-x, other: {runtimeClassName: contrast-cc}}}";
    const rollout = `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web}, spec: {steps: [1, {template: ${template}}]}}`;
    const old =
      "{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: old}, spec: {runtimeClassName: kata-cc-isolation}}";
    expect(lint(`${rollout}\n---\n${old}`)).toEqual([
      "generate/object-not-patched spec.steps[1].template.spec.runtimeClassName Rollout web",
      "generate/object-not-patched spec.runtimeClassName Deployment old",
    ]);
  });

  test("has nothing to say about other classes, texts and kinds without pods", () => {
    const config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {x: 'runtimeClassName: contrast-cc'}}";
    const custom =
      "{apiVersion: a/v1, kind: B, metadata: {name: c}, spec: {runtimeClassName: runc, x: contrast-cc, y: null, z: [{runtimeClassName: 1}]}}";
    expect(lint(`${config}\n---\n${custom}`)).toEqual([]);
  });
});
