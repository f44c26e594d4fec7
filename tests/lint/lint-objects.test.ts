import { describe, expect, test } from "bun:test";
import type { Severity } from "../../src/lib/finding.ts";
import { lintObjects } from "../../src/lint/lint-objects.ts";
import { DIGEST, LINT_OPTIONS, lintYaml, podYaml, showFinding } from "../fakes/lint.ts";
import { objectsFrom } from "../fakes/objects.ts";

const INGRESS = "contrast.edgeless.systems/servicemesh-ingress";
const GPU = "resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: 1}}";
const deployment = (name: string, namespace: string, spec: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: ${namespace}}, spec: {template: {spec: {${spec}containers: [{name: c, image: "c${DIGEST}", resources: {limits: {memory: 64Mi}}}]}}}}`;

/** Messages and hints of the findings about YAML. */
async function textsOf(yaml: string): Promise<readonly string[]> {
  const findings = await lintObjects(objectsFrom(yaml), LINT_OPTIONS);
  return findings.map(({ rule, message, hint }) => `${rule}: ${message} | ${hint}`);
}

describe("lintObjects()", () => {
  test("finds GPU pods on platforms without GPU, and nothing else about the GPU there", async () => {
    const platform = { display: "K3s-QEMU-SNP", gpu: false };
    expect(await lintYaml(podYaml({ container: GPU }), { platform })).toEqual([
      "gpu-platform spec.containers[0].resources.limits",
    ]);
    expect(await lintYaml(podYaml({ container: GPU }), { platform: { display: "x", gpu: true } })).not.toContainEqual(
      expect.stringContaining("gpu-platform"),
    );
  });

  test("finds what a GPU pod lacks also where no platform is named", async () => {
    const found = await lintYaml(podYaml({ container: GPU }));
    expect(found.map((finding) => finding.split(" ")[0])).toEqual(["gpu-device", "gpu-memory", "gpu-visible"]);
  });

  test("finds workloads whose pods all name the same device, and annotations where the runtime does not look", async () => {
    const gpuWorkload = (kind: string, replicas: string, place: string): string => {
      const annotations = 'annotations: {cdi.k8s.io/gpu: "nvidia.com/pgpu=0"}';
      const [object, template] = place === "object" ? [`, ${annotations}`, ""] : ["", `metadata: {${annotations}}, `];
      return `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: a, namespace: one${object}}, spec: {${replicas}template: {${template}spec: {runtimeClassName: contrast-cc, containers: [{name: c, image: "c${DIGEST}", ${GPU}}]}}}}`;
    };
    const found = async (yaml: string) =>
      (await lintYaml(yaml)).filter((finding) => /^gpu-(?:replicas|device) /.test(finding));
    const at = 'spec.template.metadata.annotations["cdi.k8s.io/gpu"]';
    expect(await found(gpuWorkload("Deployment", "replicas: 2, ", "template"))).toEqual([`gpu-replicas ${at}`]);
    expect(await found(gpuWorkload("Deployment", "replicas: 1, ", "template"))).toEqual([]);
    expect(await found(gpuWorkload("StatefulSet", "", "template"))).toEqual([]);
    expect(await found(gpuWorkload("Deployment", "", "object"))).toEqual([
      "gpu-device spec.template.metadata.annotations",
    ]);
    expect(await textsOf(gpuWorkload("Deployment", "", "object"))).toContainEqual(
      expect.stringContaining("annotations of the object"),
    );
  });

  test("finds pods without runtime class beside confidential ones of the same namespace, wherever they stand", async () => {
    const plain = [
      deployment("a", "one", ""),
      deployment("b", "two", ""),
      deployment("c", "one", "runtimeClassName: runc, "),
    ];
    const padding = Array.from({ length: 150 }, (_, index) => deployment(`p${index}`, "three", ""));
    const yaml = [...plain, ...padding, deployment("d", "one", "runtimeClassName: contrast-cc, ")].join("\n---\n");
    const findings = await lintObjects(objectsFrom(yaml), LINT_OPTIONS);
    expect(findings.map((finding) => `${showFinding(finding)} ${finding.object.name}`)).toEqual([
      "runtime-class-missing spec.template.spec a",
    ]);
  });

  test("finds a confidential runtime class at any depth of an object that gets no policy", async () => {
    const template = "{spec: {runtimeClassName: contrast-cc-x, other: {runtimeClassName: contrast-cc}}}";
    const rollout = `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web}, spec: {steps: [1, {template: ${template}}]}}`;
    const old =
      "{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: old}, spec: {runtimeClassName: kata-cc-isolation}}";
    const bare = "{apiVersion: v1, kind: Pod, spec: {runtimeClassName: contrast-cc, containers: []}}";
    expect(await lintYaml(`${rollout}\n---\n${old}\n---\n${bare}`)).toEqual([
      "object-not-patched spec.runtimeClassName",
      "object-not-patched spec.runtimeClassName",
      "object-not-patched spec.steps[1].template.spec.runtimeClassName",
    ]);
  });

  test("has nothing to say about other classes, texts and kinds without pods", async () => {
    const config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {x: 'runtimeClassName: contrast-cc'}}";
    const custom =
      "{apiVersion: a/v1, kind: B, metadata: {name: c}, spec: {runtimeClassName: runc, x: contrast-cc, y: null, z: [{runtimeClassName: 1}]}}";
    expect(await lintYaml(`${config}\n---\n${custom}`)).toEqual([]);
  });

  test("counts the claim templates of a StatefulSet as volumes", async () => {
    const yaml = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {volumeClaimTemplates: [{metadata: {name: data}}], template: {spec: {runtimeClassName: contrast-cc, containers: [{name: db, image: "x${DIGEST}", resources: {limits: {memory: 64Mi}}, volumeMounts: [{name: data, mountPath: /data}]}]}}}}`;
    expect(await lintYaml(yaml)).toEqual(["volume-claim spec.template.spec.containers[0].volumeMounts[0].name"]);
  });

  test("takes annotations from the pod template before the object, and tells where the two differ", async () => {
    const original = "mesh-original-image spec.template.spec";
    const annotations = (value: string): string => `annotations: {${INGRESS}: "${value}"}`;
    const yaml = (object: string, template: string): string =>
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, ${annotations(object)}}, spec: {template: {metadata: {${annotations(template)}}, spec: {runtimeClassName: contrast-cc, containers: [{name: c, image: "c${DIGEST}", resources: {limits: {memory: 64Mi}}, livenessProbe: {httpGet: {port: 80}}}]}}}}`;
    expect(await lintYaml(yaml("a#80#false", "a#80#true"))).toEqual([
      `annotation-differs metadata.annotations["${INGRESS}"]`,
      original,
    ]);
    expect(await lintYaml(yaml("a#80#true", "a#80#true"))).toEqual([original]);
    expect(await lintYaml(yaml("a#80#true", "a#80#false"))).toHaveLength(3);
    const alone = yaml("a#80#true", "a#80#true").replace(
      `spec: {template: {metadata: {${annotations("a#80#true")}}`,
      "spec: {template: {metadata: {}",
    );
    expect(await lintYaml(alone)).toEqual([original]);
    const number = yaml("a#80#true", "a#80#true").replace('"a#80#true"', "80");
    expect(await lintYaml(number)).toEqual([`annotation-not-text metadata.annotations["${INGRESS}"]`, original]);
  });

  test("knows a mesh sidecar that was written by hand, and no sidecar for Coordinators and skipped meshes", async () => {
    const probe = "livenessProbe: {httpGet: {port: 80}}";
    const sidecar = (config: string): string =>
      `initContainers: [{name: contrast-service-mesh, env: [{name: CONTRAST_INGRESS_PROXY_CONFIG, value: "${config}"}]}]`;
    expect(await lintYaml(podYaml({ spec: sidecar("a#81#true"), container: probe }))).toEqual([
      "mesh-probe spec.containers[0].livenessProbe.httpGet",
    ]);
    expect(await lintYaml(podYaml({ spec: sidecar("a#80#true"), container: probe }))).toEqual([]);
    const meshed = podYaml({ metadata: `annotations: {${INGRESS}: ""}`, container: probe });
    expect(await lintYaml(meshed)).toHaveLength(2);
    expect(await lintYaml(meshed, { skipServiceMesh: true })).toEqual([]);
    const coordinator = `annotations: {${INGRESS}: "", contrast.edgeless.systems/pod-role: coordinator}`;
    expect(await lintYaml(podYaml({ metadata: coordinator, container: probe }))).toEqual([]);
  });

  test("says nothing about containers that generate injects", async () => {
    const injected =
      "{name: contrast-initializer, image: x}, {name: contrast-service-mesh, image: x, securityContext: {privileged: true}}";
    expect(await lintYaml(podYaml({ spec: `initContainers: [${injected}]` }))).toEqual([]);
    expect(await lintYaml(podYaml({ spec: "initContainers: [{name: own, image: x}]" }))).toEqual([
      "image-digest spec.initContainers[0].image",
      "memory-limit spec.initContainers[0]",
    ]);
  });

  test("never tells the value of a variable", async () => {
    const texts = await textsOf(podYaml({ container: "env: [{name: DB_PASSWORD, value: hunter2}]" }));
    expect(texts.join("\n")).toContain("DB_PASSWORD");
    expect(texts.join("\n")).not.toContain("hunter2");
  });

  test("names the likely annotation, and the largest parts of a large pod", async () => {
    const [unknown] = await textsOf(podYaml({ metadata: `annotations: {${INGRESS}s: ""}` }));
    expect(unknown).toContain(`Did you mean ${INGRESS}?`);
    const [large] = await textsOf(podYaml({ container: `env: [{name: BIG, value: "${"x".repeat(300_000)}"}]` }));
    expect(large).toContain("container web, variable BIG (400000)");
  });

  test.each<[number, Severity | undefined]>([
    [200 * 1024, undefined],
    [200 * 1024 + 1, "warning"],
    [256 * 1024, "warning"],
    [256 * 1024 + 1, "error"],
  ])("counts %d bytes of annotations with the policy that is there", async (bytes, severity) => {
    const key = "io.katacontainers.config.agent.policy";
    const yaml = podYaml({ metadata: `annotations: {${key}: "${"x".repeat(bytes - key.length)}"}` });
    expect((await lintObjects(objectsFrom(yaml), LINT_OPTIONS))[0]?.severity).toBe(severity);
  });

  test("grades the size of annotations and namespaces of the host", async () => {
    const severity = async (yaml: string): Promise<string | undefined> =>
      (await lintObjects(objectsFrom(yaml), LINT_OPTIONS))[0]?.severity;
    const big = (length: number): string => podYaml({ metadata: `annotations: {a/b: "${"x".repeat(length)}"}` });
    expect(await severity(big(160_000))).toBe("warning");
    expect(await severity(big(260_000))).toBe("error");
    expect(await severity(podYaml({ spec: "hostNetwork: true" }))).toBe("warning");
    expect(await severity(podYaml({ spec: "hostPID: true" }))).toBe("error");
  });

  test.each([
    ["numbers beyond 2^53", podYaml({ metadata: "annotations: {a: 12345678901234567890}" }), ["annotation-not-text"]],
    [
      "fields of other types",
      podYaml({
        spec: "volumes: 1, hostPID: 'true'",
        container: "env: {a: b}, ports: [1, null], volumeMounts: [[]], livenessProbe: {exec: []}, resources: 7",
      }),
      ["memory-limit"],
    ],
    [
      "the name __proto__",
      podYaml({
        spec: "volumes: [{name: __proto__, hostPath: {path: /}}]",
        container: "volumeMounts: [{name: __proto__, mountPath: /}]",
      }),
      ["volume-host-path"],
    ],
  ])("lives with %s", async (_title, yaml, rules) => {
    const found = await lintYaml(yaml);
    expect(found.map((finding) => finding.split(" ")[0] ?? "")).toEqual(rules);
  });
});
