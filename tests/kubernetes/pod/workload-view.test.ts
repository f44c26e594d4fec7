import { describe, expect, test } from "bun:test";
import { type KubernetesObject, objectsOf } from "../../../src/kubernetes/object.ts";
import { renderPath } from "../../../src/kubernetes/path.ts";
import { volumeSources } from "../../../src/kubernetes/pod/volume.ts";
import { viewWorkload } from "../../../src/kubernetes/pod/workload-view.ts";
import { YamlStream } from "../../../src/kubernetes/yaml-stream.ts";
import type { Problem } from "../../../src/lib/problems.ts";

function objectOf(text: string): KubernetesObject {
  return objectsOf(new YamlStream(text, "in.yaml", () => {}), () => {})[0]!;
}

function podWith(lines: string): KubernetesObject {
  return objectOf(`apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n${lines}`);
}

function faults(object: KubernetesObject): string[] {
  const problems: Problem[] = [];
  viewWorkload(object, (problem) => problems.push(problem));
  return problems.map(({ code, line, column, path }) => `${code} ${line}:${column} ${path}`);
}

describe("viewWorkload()", () => {
  test("reads the parts of a StatefulSet", () => {
    const view = viewWorkload(
      objectOf(
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s, annotations: null}, spec: {template: {metadata: {annotations: {a: b, c: }}, spec: {containers: [{name: c, image: i, securityContext: {runAsUser: 0}, ports: [{containerPort: 80}], extra: 1}]}}, volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: x}}]}}",
      ),
      (problem) => expect(problem).toBeUndefined(),
    );
    expect(view?.metadata.annotations).toBeUndefined();
    expect(view?.templateMetadata.annotations).toEqual({ a: "b", c: "" });
    expect(view?.podSpec.containers[0]).toMatchObject({ image: "i", extra: 1, securityContext: { runAsUser: 0 } });
    expect(view?.volumeClaimTemplates[0]?.spec?.storageClassName).toBe("x");
  });

  test("reads quantities into their canonical texts", () => {
    const view = viewWorkload(podWith("    resources: {limits: {cpu: 0.5, memory: 1024Mi}}\n"), () =>
      expect.unreachable(),
    );
    expect(view?.podSpec.containers[0]?.resources?.limits).toEqual({ cpu: "500m", memory: "1Gi" });
  });

  test("takes the metadata of a Pod for that of its template", () => {
    const view = viewWorkload(podWith(""), () => {});
    expect(view?.templateMetadata).toBe(view?.metadata as never);
  });

  test.each([
    "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {}}",
    "{apiVersion: v1, kind: Pod, spec: {containers: []}}",
    "{apiVersion: v1, kind: Pod, metadata: {name: p}}",
  ])("passes over %s", (text) => {
    expect(viewWorkload(objectOf(text), () => expect.unreachable())).toBeUndefined();
  });

  test.each([
    ["    resources: {limits: {cpu: 12Mx}}\n", "kubernetes/field-type", "7:31 spec.containers[0].resources.limits.cpu"],
    ["    env: [{name: A, value: 1}]\n", "kubernetes/field-type", "7:28 spec.containers[0].env[0].value"],
    ["    env: {A: b}\n", "kubernetes/field-type", "7:10 spec.containers[0].env"],
    ["    env: [{value: b}]\n", "kubernetes/field-missing", "7:11 spec.containers[0].env[0].name"],
    ["    command: sh\n", "kubernetes/field-type", "7:14 spec.containers[0].command"],
    ["    ports: [{containerPort: '80'}]\n", "kubernetes/field-type", "7:29 spec.containers[0].ports[0].containerPort"],
    ["    tty: 'yes'\n", "kubernetes/field-type", "7:10 spec.containers[0].tty"],
    [
      "    securityContext: {runAsUser: 1.5}\n",
      "kubernetes/field-type",
      "7:34 spec.containers[0].securityContext.runAsUser",
    ],
    ["    securityContext: []\n", "kubernetes/field-type", "7:22 spec.containers[0].securityContext"],
    [
      "    volumeMounts: [{name: a, mountPath: b, mountPropagation: x}]\n",
      "kubernetes/field-type",
      "7:62 spec.containers[0].volumeMounts[0].mountPropagation",
    ],
    [
      "    livenessProbe: {httpGet: {port: true}}\n",
      "kubernetes/field-type",
      "7:37 spec.containers[0].livenessProbe.httpGet.port",
    ],
    ["  hostPID: 1\n", "kubernetes/field-type", "7:12 spec.hostPID"],
    ["  volumes: [{name: a, emptyDir: []}]\n", "kubernetes/field-type", "7:33 spec.volumes[0].emptyDir"],
    [
      "  securityContext: {sysctls: [{name: a, value: 1}]}\n",
      "kubernetes/field-type",
      "7:48 spec.securityContext.sysctls[0].value",
    ],
    ["  nodeSelector: {a: 1}\n", "kubernetes/field-type", "7:21 spec.nodeSelector.a"],
  ])("refuses %j at its place", (lines, code, place) => {
    expect(faults(podWith(lines))).toEqual([`${code} ${place}`]);
  });

  test("reports all wrong fields of an object at once", () => {
    const text =
      "{apiVersion: v1, kind: Pod, metadata: {name: 1, labels: {a: 2}}, spec: {containers: [{name: 3}, {image: 4}]}}";
    expect(faults(objectOf(text)).map((fault) => fault.split(" ")[2])).toEqual([
      "metadata.name",
      "metadata.labels.a",
      "spec.containers[0].name",
      "spec.containers[1].name",
      "spec.containers[1].image",
    ]);
  });

  test("tells fields that Kubernetes does not have", () => {
    const unknown: string[] = [];
    const lines =
      "    imagePullPolcy: x\n    resources: {limits: {nvidia.com/gpu: 1}}\n  affinity: {any: thing}\n  foo: 1\n  volumes: [{name: a, csi: {driver: d, bar: 1}}]\n";
    viewWorkload(
      podWith(lines),
      (problem) => expect(problem).toBeUndefined(),
      (path) => unknown.push(renderPath(path)),
    );
    expect(unknown).toEqual(["spec.containers[0].imagePullPolcy", "spec.foo", "spec.volumes[0].csi.bar"]);
  });

  test("tells misspelt metadata of the object and of its template", () => {
    const unknown: string[] = [];
    const text =
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, lables: {}}, spec: {template: {metadata: {annotation: {}}, spec: {containers: []}}}}";
    viewWorkload(
      objectOf(text),
      (problem) => expect(problem).toBeUndefined(),
      (path) => unknown.push(renderPath(path)),
    );
    expect(unknown).toEqual(["metadata.lables", "spec.template.metadata.annotation"]);
  });
});

describe("volumeSources()", () => {
  test("names every source, also one that Kubernetes does not know", () => {
    const view = viewWorkload(
      podWith("  volumes: [{name: a, emptyDir: {}, secret: null}, {name: b, newKind: {}}, {name: c}]\n"),
      () => {},
    );
    expect(view?.podSpec.volumes?.map(volumeSources)).toEqual([["emptyDir"], ["newKind"], []]);
  });
});
