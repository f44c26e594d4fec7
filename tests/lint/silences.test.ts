import { describe, expect, test } from "bun:test";
import { lintObjects } from "../../src/lint/lint-objects.ts";
import { obeySilences } from "../../src/lint/silences.ts";
import { LINT_OPTIONS } from "../fakes/lint.ts";
import { objectsFrom } from "../fakes/objects.ts";

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations: {} # ANNOTATIONS
spec:
  runtimeClassName: contrast-cc
  containers:
    # ABOVE
    - name: web
      image: web:1 # IMAGE
      resources: {limits: {memory: 64Mi}}
      securityContext:
        privileged: true # PRIVILEGED
`;

/** What is left of the two findings of the pod, and what is wrong with silences. */
async function left(
  ...changes: readonly (readonly [string, string])[]
): Promise<{ found: string[]; silenced: number }> {
  let yaml = POD;
  for (const [from, to] of changes) yaml = yaml.replace(from, to);
  const objects = objectsFrom(yaml);
  const { findings, silenced } = obeySilences(await lintObjects(objects, LINT_OPTIONS), objects);
  return {
    found: findings.map((finding) => finding.rule).toSorted(),
    silenced,
  };
}

const annotated = (text: string): readonly [string, string] => [
  "{} # ANNOTATIONS",
  `{contrast.edgeless.systems/lint-ignore: "${text}"}`,
];
const BOTH = ["image-digest", "privileged"];

describe("obeySilences()", () => {
  test("leaves everything where nothing is silenced", async () => {
    expect(await left()).toEqual({ found: BOTH, silenced: 0 });
  });

  test.each([
    ["at the end of the line", ["IMAGE", "contrast-lint: ignore image-digest: pinned later"], ["privileged"]],
    [
      "above the line",
      [
        "# ABOVE\n    - name: web\n      image",
        "- name: web\n      # contrast-lint: ignore image-digest: why\n\n      # more\n      image",
      ],
      ["privileged"],
    ],
    ["of several rules", ["IMAGE", "contrast-lint: ignore privileged, image-digest: both"], ["privileged"]],
    ["for the file", ["ABOVE", "contrast-lint: ignore-file privileged,image-digest: both"], []],
    ["on another line", ["ABOVE", "contrast-lint: ignore image-digest: elsewhere"], BOTH],
    ["of another rule", ["IMAGE", "contrast-lint: ignore sub-path: elsewhere"], BOTH],
    ["of a rule of the user", ["IMAGE", "contrast-lint: ignore x-team: theirs"], BOTH],
  ] as const)("obeys a comment %s", async (_title, change, found) => {
    expect((await left(change)).found).toEqual([...found]);
  });

  test("obeys annotations for their object", async () => {
    expect(await left(annotated("image-digest: a; privileged: b"))).toEqual({ found: [], silenced: 2 });
    expect(await left(annotated("image-digest: a"))).toEqual({ found: ["privileged"], silenced: 1 });
  });

  test("obeys annotations of the pod template, and of the object itself", async () => {
    const deployment = (object: string, template: string): string =>
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, annotations: {${object}}}, spec: {template: {metadata: {annotations: {${template}}}, spec: {runtimeClassName: contrast-cc, containers: [{name: c, image: c, resources: {limits: {memory: 64Mi}}}]}}}}`;
    const silence = 'contrast.edgeless.systems/lint-ignore: "image-digest: why"';
    for (const yaml of [deployment(silence, ""), deployment("", silence)]) {
      const objects = objectsFrom(yaml);
      expect(obeySilences(await lintObjects(objects, LINT_OPTIONS), objects).findings).toEqual([]);
    }
  });

  test.each([
    ["no reason", "contrast-lint: ignore image-digest"],
    ["an empty reason", "contrast-lint: ignore image-digest:  "],
    ["no rule", "contrast-lint: ignore : reason"],
    ["another word", "contrast-lint: disable image-digest: reason"],
    ["an unknown rule", "contrast-lint: ignore image-digests: reason"],
  ])("tells a comment with %s and does not obey it", async (_title, comment) => {
    const { found, silenced } = await left(["IMAGE", comment]);
    expect(silenced).toBe(0);
    expect(found).toEqual([...BOTH, "silence-invalid"].toSorted());
  });

  test("tells an annotation without reason at its place", async () => {
    expect((await left(annotated("image-digest"))).found).toEqual(["image-digest", "privileged", "silence-invalid"]);
    expect((await left(annotated("sub-paths: x"))).found).toEqual(["image-digest", "privileged", "silence-invalid"]);
  });
});
