import { describe, expect, test } from "bun:test";
import { collectWorkload, describeWorkload } from "../../src/generate/collect-workload.ts";
import {
  carriedPolicyOf,
  needsPolicy,
  withoutPolicyAnnotation,
  withPolicyAnnotation,
} from "../../src/generate/policy-annotation.ts";
import { type ValueMap, valueAt } from "../../src/kubernetes/value.ts";
import { viewForPatch } from "../../src/generate/patch-view.ts";
import { encodeInitdataAnnotation } from "../../src/policy/initdata/initdata-annotation.ts";
import { initdataDigests } from "../../src/policy/initdata/initdata-digests.ts";
import { renderInitdata } from "../../src/policy/initdata/render-initdata.ts";
import { INITDATA_ANNOTATION, POLICY_ANNOTATION } from "../../src/kubernetes/policy-annotations.ts";
import { pathContext, workloadFrom } from "../fakes/objects.ts";

const POLICY = "cGFja2FnZSBhZ2VudF9wb2xpY3kKCmRlZmF1bHQgQWxsb3dSZXF1ZXN0c0ZhaWxpbmdQb2xpY3kgOj0gZmFsc2UK";
const POLICY_HASH = "95704bc3d8f9275dc718b3009f0e10fd26e483dfaf4a06134b25f91c3590e851";

const deployment = (template: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    ${template}
    spec: {runtimeClassName: contrast-cc-x, containers: []}
`;

describe("withPolicyAnnotation()", () => {
  test.each([
    ["metadata: {labels: {a: b}}", ["annotations", "labels"], [POLICY_ANNOTATION]],
    ["metadata: {labels: {}, annotations: {a: b, z: y}}", ["labels", "annotations"], ["a", POLICY_ANNOTATION, "z"]],
    ["metadata: {annotations: {z: y, a: b}}", ["annotations"], ["z", "a", POLICY_ANNOTATION]],
    [`metadata: {annotations: {z: y, ${POLICY_ANNOTATION}: old}}`, ["annotations"], ["z", POLICY_ANNOTATION]],
    ["metadata: {annotations: null}", ["annotations"], [POLICY_ANNOTATION]],
    ["metadata: null", ["annotations"], [POLICY_ANNOTATION]],
    ["", ["annotations"], [POLICY_ANNOTATION]],
  ])("writes into the template with %j", (template, metadataKeys, annotationKeys) => {
    const { object, workload } = workloadFrom(deployment(template));
    const done = withPolicyAnnotation(object.value, workload, POLICY_ANNOTATION, POLICY);
    const metadata = valueAt(done, workload.templateMetadataPath) as ValueMap;
    expect(Object.keys(metadata)).toEqual(metadataKeys);
    expect(Object.keys(metadata["annotations"] as ValueMap)).toEqual(annotationKeys);
    expect(valueAt(metadata, ["annotations", POLICY_ANNOTATION])).toBe(POLICY);
    expect(withPolicyAnnotation(done, workload, POLICY_ANNOTATION, POLICY)).toBe(done);
    expect(done["metadata"]).toBe(object.value["metadata"]!);
  });

  test("writes into the metadata of a Pod itself", () => {
    const { object, workload } = workloadFrom("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {}}");
    const done = withPolicyAnnotation(object.value, workload, POLICY_ANNOTATION, POLICY);
    expect(done["metadata"]).toEqual({ annotations: { [POLICY_ANNOTATION]: POLICY }, name: "p" });
  });

  test("is undone by withoutPolicyAnnotation()", () => {
    const { object, workload } = workloadFrom(deployment("metadata: {annotations: {a: b}}"));
    const done = withPolicyAnnotation(object.value, workload, POLICY_ANNOTATION, POLICY);
    expect(withoutPolicyAnnotation(done, workload)).toEqual(object.value);
    expect(withoutPolicyAnnotation(object.value, workload)).toBe(object.value);
  });
});

describe("needsPolicy()", () => {
  test("is false for an object without pod spec, which the other functions leave alone", () => {
    const { object, workload } = workloadFrom("{apiVersion: v1, kind: Pod, metadata: {name: p}}");
    expect(needsPolicy(object.value, workload)).toBe(false);
    expect(withPolicyAnnotation(object.value, workload, POLICY_ANNOTATION, POLICY)).toBe(object.value);
    expect(withoutPolicyAnnotation(object.value, workload)).toBe(object.value);
    expect(collectWorkload(object.value, workload, pathContext())).toBeUndefined();
    expect(describeWorkload(object.value, workload, POLICY_HASH, pathContext())).toBeUndefined();
  });

  test.each([
    ["contrast-cc", true],
    ["contrast-cc-k3s-qemu-snp-00000000", true],
    ["kata-cc-isolation", false],
    ["runc", false],
  ])("says of class %s: %p", (name, wanted) => {
    const { object, workload } = workloadFrom(deployment("").replace("contrast-cc-x", name));
    expect(needsPolicy(object.value, workload)).toBe(wanted);
  });
});

describe("carriedPolicyOf()", () => {
  const carried = (annotations: string) => {
    const { object, workload } = workloadFrom(deployment(`metadata: {annotations: {${annotations}}}`));
    const context = pathContext();
    const view = viewForPatch(object.value, workload);
    return { policy: view && carriedPolicyOf(view, context), errors: context.errors() };
  };
  const document = renderInitdata({ algorithm: "sha512", data: new Map([["policy.rego", "package a"]]) });

  test("names initdata by the digest that the hardware holds of its document", () => {
    const { policy } = carried(`${INITDATA_ANNOTATION}: ${encodeInitdataAnnotation(document)}`);
    expect(new TextDecoder().decode(policy?.bytes)).toBe(document);
    expect(policy?.hash).toBe(initdataDigests(document, "sha512").hostData);
  });

  test.each([
    `${INITDATA_ANNOTATION}: ${encodeInitdataAnnotation(document)}, ${POLICY_ANNOTATION}: ${POLICY}`,
    `${INITDATA_ANNOTATION}: AAAA`,
    `${INITDATA_ANNOTATION}: "%"`,
    `${INITDATA_ANNOTATION}: ${encodeInitdataAnnotation(document.replace("0.1.0", "9"))}`,
  ])("refuses two policies, and initdata that cannot be read: %#", (annotations) => {
    const { policy, errors } = carried(annotations);
    expect([policy, errors.length]).toEqual([undefined, 1]);
    expect(errors[0]).toContain("generate/policy-annotation-invalid");
  });
});

describe("collectWorkload()", () => {
  const collect = (yaml: string) => {
    const { object, workload } = workloadFrom(yaml);
    const context = pathContext();
    return { policy: collectWorkload(object.value, workload, context), ...context };
  };

  test("reads identity and hash of an annotated workload", () => {
    const { policy } = collect(deployment(`metadata: {annotations: {${POLICY_ANNOTATION}: ${POLICY}}}`));
    expect(policy).toMatchObject({
      hash: POLICY_HASH,
      name: "web",
      namespace: "shop",
      group: "apps",
      version: "v1",
      kind: "Deployment",
      role: "",
    });
  });

  test.each(["StatefulSet", "Deployment"])("knows a Coordinator that is a %s", (kind) => {
    const annotations = `contrast.edgeless.systems/pod-role: coordinator, ${POLICY_ANNOTATION}: ${POLICY}`;
    const yaml = deployment(`metadata: {annotations: {${annotations}}}`).replace("Deployment", kind);
    expect(collect(yaml).policy?.role).toBe("coordinator");
  });

  test("takes a role that is no text for none", () => {
    const annotations = `contrast.edgeless.systems/pod-role: 5, ${POLICY_ANNOTATION}: ${POLICY}`;
    expect(collect(deployment(`metadata: {annotations: {${annotations}}}`)).policy?.role).toBe("");
  });

  test("collects ReplicationControllers", () => {
    const { policy } = collect(
      deployment(`metadata: {annotations: {${POLICY_ANNOTATION}: ${POLICY}}}`)
        .replace("apps/v1", "v1")
        .replace("Deployment", "ReplicationController"),
    );
    expect(policy).toMatchObject({ group: "", kind: "ReplicationController" });
  });

  test("takes nothing from workloads without a policy", () => {
    const { policy, errors } = collect(deployment("metadata: {annotations: {a: b}}"));
    expect([policy, errors()]).toEqual([undefined, []]);
  });

  test.each(['"***"', '"YQ"', '"YQ= ="', "5"])("rejects the annotation %s", (value) => {
    const { policy, errors } = collect(deployment(`metadata: {annotations: {${POLICY_ANNOTATION}: ${value}}}`));
    const path = `spec.template.metadata.annotations["${POLICY_ANNOTATION}"]`;
    expect([policy, errors()]).toEqual([undefined, [`generate/policy-annotation-invalid ${path}`]]);
  });

  test("rejects a workload without name", () => {
    const { errors } = collect(
      deployment(`metadata: {annotations: {${POLICY_ANNOTATION}: ${POLICY}}}`).replace(
        "name: web",
        "generateName: web-",
      ),
    );
    expect(errors()).toEqual(["generate/name-missing metadata.name"]);
  });
});
