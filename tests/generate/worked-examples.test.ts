import { describe, expect, test } from "bun:test";
import { embeddedImageReplacements } from "../../src/generate/image-replacements.ts";
import { patchObject } from "../../src/generate/patch/patch-object.ts";
import { needsPolicy, withPolicyAnnotation } from "../../src/generate/policy-annotation.ts";
import type { Value } from "../../src/kubernetes/value.ts";
import { workloadOf } from "../../src/kubernetes/workload.ts";
import { objectsFrom, pathContext } from "../fakes/objects.ts";
import { withCanonicalQuantities, workedExamples } from "../fakes/worked-examples.ts";
import { POLICY_ANNOTATION } from "../../src/kubernetes/policy-annotations.ts";

const images = embeddedImageReplacements();
const imageOf = (name: string): string => images.get(`ghcr.io/edgelesssys/contrast/${name}:latest`) ?? "";
const handler = "contrast-cc-aks-clh-snp-7173acb5";
const gpuHandler = "contrast-cc-k3s-qemu-snp-gpu-0f0e0d0c";
const EXAMPLES = workedExamples({
  digest: `sha256:${"1".repeat(64)}`,
  handler,
  gpuHandler,
  initializer: imageOf("initializer"),
  mesh: imageOf("service-mesh-proxy"),
  coordinator: imageOf("coordinator"),
});

/** Patches and annotates every object, as `generate` does with `POLICY` as the text of each policy annotation. */
function generated(yaml: string, handler: string): readonly Value[] {
  const context = pathContext();
  const results = objectsFrom(yaml).map((object) => {
    const workload = workloadOf(object);
    if (workload === undefined) return object.value;
    const options = { handler, images, skipInitializer: false, skipServiceMesh: false };
    const patched = patchObject(object.value, workload, options, context);
    return needsPolicy(patched, workload)
      ? withPolicyAnnotation(patched, workload, POLICY_ANNOTATION, "POLICY")
      : patched;
  });
  expect([context.errors(), context.warnings()]).toEqual([[], []]);
  return results;
}

describe("patchObject()", () => {
  test.each(EXAMPLES.map((example) => [example.title, example] as const))("makes worked example %s", (_, example) => {
    const actual = generated(example.input, example.needsGpu ? gpuHandler : handler);
    const expected = objectsFrom(example.expected).map(({ value }) => value);
    expect(actual.map(withCanonicalQuantities)).toEqual(expected.map(withCanonicalQuantities));
  });
});
