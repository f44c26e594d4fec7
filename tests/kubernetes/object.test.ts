import { describe, expect, test } from "bun:test";
import { ConfigLookup } from "../../src/kubernetes/config-lookup.ts";
import { viewConfigMap, viewSecret } from "../../src/kubernetes/pod/config-object.ts";
import { type KubernetesObject, objectsOf } from "../../src/kubernetes/object.ts";
import { isConfidentialClass, podSpecValue, runtimeClassName, workloadOf } from "../../src/kubernetes/workload.ts";
import { YamlStream } from "../../src/kubernetes/yaml-stream.ts";
import type { Problem } from "../../src/lib/problems.ts";

function read(text: string): { objects: readonly KubernetesObject[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  return { objects: objectsOf(new YamlStream(text, "in.yaml", report), report), problems };
}

function faults(problems: readonly Problem[]): string[] {
  return problems.map(({ code, line, column, path }) => `${code} ${line}:${column} ${path}`);
}

describe("objectsOf()", () => {
  test("expands Lists in place and knows where each object stands", () => {
    const { objects, problems } = read(
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Secret, metadata: {generateName: s-, namespace: ns}}\n---\napiVersion: x.io/v1\nkind: AllowList\nitems: [1]\n",
    );
    expect(problems).toEqual([]);
    expect(objects.map(({ label, prefix, namespace }) => [label, prefix, namespace])).toEqual([
      ["Pod a", ["items", 0], undefined],
      ["Secret s-*", ["items", 1, "items", 0], "ns"],
      ["AllowList without name", [], undefined],
    ]);
    expect(objects[0]?.locate(["metadata", "name"])).toEqual({
      file: "in.yaml",
      line: 6,
      column: 20,
      path: "items[0].metadata.name",
      object: "Pod a",
    });
  });

  test("labels objects on one line, whatever their names say", () => {
    const { objects } = read('apiVersion: v1\nkind: Pod\nmetadata: {name: "a\\nError: b\\u200b"}\n');
    expect(objects.map(({ label }) => label)).toEqual(["Pod a\\nError: b\\u200b"]);
  });

  test("gives the items of a typed list their kind", () => {
    const { objects } = read("apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: a}}]\n");
    expect(objects.map(({ kind, apiVersion }) => [kind, apiVersion])).toEqual([["Deployment", "apps/v1"]]);
  });

  test("reports what is not an object, everything at once", () => {
    const { objects, problems } = read(
      "- 1\n---\nkind: X\n---\napiVersion: v1\n---\n{apiVersion: v1, kind: List, items: [7, null]}\n---\n{apiVersion: v1, kind: List, items: {}}\n---\n{apiVersion: v1, kind: List}\n---\n{apiVersion: 1, kind: Pod}\n",
    );
    expect(objects).toEqual([]);
    expect(faults(problems)).toEqual([
      "kubernetes/object-invalid 1:1 ",
      "kubernetes/object-invalid 3:1 apiVersion",
      "kubernetes/object-invalid 5:1 kind",
      "kubernetes/object-invalid 7:38 items[0]",
      "kubernetes/object-invalid 7:41 items[1]",
      "kubernetes/object-invalid 9:37 items",
      "kubernetes/object-invalid 13:14 apiVersion",
    ]);
  });
});

describe("workloadOf()", () => {
  test.each([
    ["v1", "Pod", "spec", "metadata"],
    ["v1", "ReplicationController", "spec.template.spec", "spec.template.metadata"],
    ["apps/v1", "Deployment", "spec.template.spec", "spec.template.metadata"],
    ["apps/v1beta2", "StatefulSet", "spec.template.spec", "spec.template.metadata"],
    ["apps/v1", "DaemonSet", "spec.template.spec", "spec.template.metadata"],
    ["apps/v1", "ReplicaSet", "spec.template.spec", "spec.template.metadata"],
    ["batch/v1", "Job", "spec.template.spec", "spec.template.metadata"],
    ["batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec", "spec.jobTemplate.spec.template.metadata"],
  ])("finds the pods of %s %s", (apiVersion, kind, podSpec, metadata) => {
    const [object] = read(`{apiVersion: ${apiVersion}, kind: ${kind}}`).objects;
    const workload = workloadOf(object!);
    expect(workload?.podSpecPath.join(".")).toBe(podSpec);
    expect(workload?.templateMetadataPath.join(".")).toBe(metadata);
    expect([workload?.group, workload?.version, workload?.kind].join("/")).toBe(
      `${apiVersion.includes("/") ? "" : "/"}${apiVersion}/${kind}`,
    );
  });

  test("knows nothing of kinds without pods and of other groups", () => {
    for (const text of [
      "{apiVersion: v1, kind: Service}",
      "{apiVersion: x.io/v1, kind: Deployment}",
      "{apiVersion: v1, kind: Deployment}",
    ]) {
      expect(workloadOf(read(text).objects[0]!)).toBeUndefined();
    }
  });
});

describe("runtimeClassName()", () => {
  test("reads the class of the pods", () => {
    const [pod, bare, odd] = read(
      "{apiVersion: v1, kind: Pod, spec: {runtimeClassName: contrast-cc-x}}\n---\n{apiVersion: v1, kind: Pod}\n---\n{apiVersion: v1, kind: Pod, spec: {runtimeClassName: 1}}\n",
    ).objects;
    expect([pod, bare, odd].map((object) => runtimeClassName(object!))).toEqual([
      "contrast-cc-x",
      undefined,
      undefined,
    ]);
    expect(podSpecValue(bare!)).toBeUndefined();
  });

  test.each([
    ["contrast-cc", true],
    ["contrast-cc-k3s-qemu-snp-1234", true],
    ["kata-cc-isolation", true],
    ["kata-cc-isolation-2", false],
    ["runc", false],
    [undefined, false],
  ])("calls %s confidential: %p", (name, confidential) => {
    expect(isConfidentialClass(name)).toBe(confidential);
  });
});

describe("ConfigLookup()", () => {
  const object = (kind: string, rest: string): string =>
    `{apiVersion: v1, kind: ${kind}, metadata: {name: c${rest}\n---\n`;

  test("finds ConfigMaps and Secrets by namespace and name", () => {
    const { objects } = read(object("ConfigMap", "}, data: {a: b}}") + object("Secret", ", namespace: ns}}"));
    const lookup = new ConfigLookup(objects, () => {});
    expect(lookup.configMap(undefined, "c")?.value["data"]).toEqual({ a: "b" });
    expect(lookup.secret("ns", "c")).toBe(objects[1]);
    expect(lookup.secret("other", "c")).toBeUndefined();
    expect(lookup.secret("ns", "d")).toBeUndefined();
  });

  test("lets an object without namespace serve every namespace that has none of its own", () => {
    const { objects } = read(object("ConfigMap", "}}") + object("ConfigMap", ", namespace: ns}}"));
    const lookup = new ConfigLookup(objects, () => {});
    expect(lookup.configMap("other", "c")).toBe(objects[0]);
    expect(lookup.configMap("ns", "c")).toBe(objects[1]);
    expect(lookup.configMap(undefined, "c")).toBe(objects[0]);
  });

  test("finds the only object of a name for a workload without namespace", () => {
    const one = object("Secret", ", namespace: a}}");
    const { objects } = read(one + object("ConfigMap", ", namespace: a}}") + object("ConfigMap", ", namespace: b}}"));
    const lookup = new ConfigLookup(objects, () => {});
    expect(lookup.secret(undefined, "c")).toBe(objects[0]);
    expect(lookup.configMap(undefined, "c")).toBeUndefined();
  });

  test("reports two contents of one name, and only those", () => {
    const same = object("ConfigMap", "}, data: {a: b}}");
    const text = same + same + object("ConfigMap", "}, data: {a: c}}") + object("ConfigMap", ", namespace: ns}}");
    const problems: Problem[] = [];
    const lookup = new ConfigLookup(read(text).objects, (problem) => problems.push(problem));
    expect(lookup.configMap(undefined, "c")?.value["data"]).toEqual({ a: "b" });
    expect(faults(problems)).toEqual(["kubernetes/duplicate-object 5:52 metadata.name"]);
  });
});

describe("viewSecret()", () => {
  test("rejects data that is not base64, without telling the value", () => {
    const [secret, config] = read(
      "{apiVersion: v1, kind: Secret, data: {good: aGk=, bad: hunter2}}\n---\n{apiVersion: v1, kind: ConfigMap, binaryData: {x: '%'}}\n",
    ).objects;
    const problems: Problem[] = [];
    expect(viewSecret(secret!, (problem) => problems.push(problem))).toBeUndefined();
    expect(viewConfigMap(config!, (problem) => problems.push(problem))).toBeUndefined();
    expect(faults(problems)).toEqual([
      "kubernetes/field-type 1:56 data.bad",
      "kubernetes/field-type 3:51 binaryData.x",
    ]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  test("takes base64 with line breaks", () => {
    const [secret] = read('{apiVersion: v1, kind: Secret, data: {a: "aG\\nk=\\n"}}').objects;
    expect(viewSecret(secret!, () => expect.unreachable())?.data).toEqual({ a: "aG\nk=\n" });
  });
});

describe("viewConfigMap()", () => {
  test("reads data; null is an empty value", () => {
    const [object] = read(
      "{apiVersion: v1, kind: ConfigMap, data: {a: x, b: , constructor: z}, binaryData: {c: aGk=}}",
    ).objects;
    const config = viewConfigMap(object!, () => {});
    expect(config?.data).toEqual({ a: "x", b: "", constructor: "z" } as never);
    expect(config?.binaryData).toEqual({ c: "aGk=" });
  });

  test("reports wrong types", () => {
    const [config, secret] = read(
      "{apiVersion: v1, kind: ConfigMap, data: {a: 1}}\n---\n{apiVersion: v1, kind: Secret, stringData: [x], data: {b: true}}\n",
    ).objects;
    const problems: Problem[] = [];
    expect(viewConfigMap(config!, (problem) => problems.push(problem))).toBeUndefined();
    expect(viewSecret(secret!, (problem) => problems.push(problem))).toBeUndefined();
    expect(faults(problems)).toEqual([
      "kubernetes/field-type 1:45 data.a",
      "kubernetes/field-type 3:59 data.b",
      "kubernetes/field-type 3:44 stringData",
    ]);
  });
});
