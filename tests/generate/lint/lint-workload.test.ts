import { describe, expect, test } from "bun:test";
import { embeddedImageReplacements } from "../../../src/generate/image-replacements.ts";
import { lintWorkload } from "../../../src/generate/lint/lint-workload.ts";
import { patchObject } from "../../../src/generate/patch/patch-object.ts";
import { parsePlatform } from "../../../src/manifest/platforms.ts";
import { pathContext, workloadFrom } from "../../fakes/objects.ts";

const images = embeddedImageReplacements();

/** Warnings about a Pod after patching, as `code path`. */
function lint(pod: { metadata?: string; spec?: string; container?: string }, platformName = "k3s-qemu-snp"): string[] {
  const { metadata = "", spec = "runtimeClassName: contrast-cc", container = "" } = pod;
  const { object, workload } = workloadFrom(
    `{apiVersion: v1, kind: Pod, metadata: {name: web, ${metadata}}, spec: {${spec}, containers: [{name: web, image: web, ${container}}]}}`,
  );
  const context = pathContext();
  const options = {
    handler: "contrast-cc-k3s-qemu-snp-00000000",
    images,
    skipInitializer: false,
    skipServiceMesh: false,
  };
  const patched = patchObject(object.value, workload, options, context);
  expect(context.errors()).toEqual([]);
  lintWorkload(patched, workload, { platform: parsePlatform(platformName), images }, context);
  expect(context.errors()).toEqual([]);
  return context.warnings();
}

const meshed = (annotations: string): string => `annotations: {${annotations}}`;
const INGRESS = "contrast.edgeless.systems/servicemesh-ingress";
const EGRESS = "contrast.edgeless.systems/servicemesh-egress";

describe("lintWorkload()", () => {
  test("has nothing to say about a plain pod", () => {
    expect(lint({})).toEqual([]);
    expect(lint({ metadata: meshed(`${INGRESS}: "a#80#true"`), container: "ports: [{containerPort: 80}]" })).toEqual(
      [],
    );
  });

  test.each([
    ["hostPath: {path: /x}", 1],
    ["persistentVolumeClaim: {claimName: x}", 1],
    ["nfs: {server: a, path: /}", 1],
    ["emptyDir: {}", 0],
    ["configMap: {name: x}", 0],
    ["secret: {secretName: x}", 0],
    ["projected: {sources: []}", 0],
    ["downwardAPI: {}", 0],
    ["ephemeral: {}", 0],
    ["hostPath: null", 0],
  ])("judges a mounted volume with %s", (source, count) => {
    const spec = `runtimeClassName: contrast-cc, volumes: [{name: data, ${source}}]`;
    const found = lint({ spec, container: "volumeMounts: [{name: data, mountPath: /data}]" });
    expect(found).toEqual(Array(count).fill("generate/volume-shared spec.containers[0].volumeMounts[0].name"));
    expect(lint({ spec })).toEqual([]);
  });

  test("counts the claim templates of a StatefulSet as volumes", () => {
    const { object, workload } = workloadFrom(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    spec:
      runtimeClassName: contrast-cc
      containers: [{name: db, volumeMounts: [{name: data, mountPath: /data}]}]
`);
    const context = pathContext();
    lintWorkload(object.value, workload, { platform: parsePlatform("k3s-qemu-snp"), images }, context);
    expect(context.warnings()).toEqual([
      "generate/volume-shared spec.template.spec.containers[0].volumeMounts[0].name",
    ]);
  });

  test("finds a misspelt mesh annotation and names the right one", () => {
    const { object, workload } = workloadFrom(
      '{apiVersion: v1, kind: Pod, metadata: {name: x, annotations: {contrast.edgeless.systems/servicemesh-ingres: "a"}}, spec: {}}',
    );
    const context = pathContext();
    lintWorkload(object.value, workload, { platform: parsePlatform("k3s-qemu-snp"), images }, context);
    expect(context.warnings()).toEqual([
      'generate/mesh-annotation-unknown metadata.annotations["contrast.edgeless.systems/servicemesh-ingres"]',
    ]);
    expect(context.problems.warnings[0]?.hint).toContain(INGRESS);
  });

  test("finds mesh annotations of a pod that gets no sidecar", () => {
    expect(lint({ metadata: meshed(`${INGRESS}: ""`), spec: "runtimeClassName: runc" })).toEqual([
      `generate/mesh-annotation-unused metadata.annotations["${INGRESS}"]`,
    ]);
  });

  test.each([
    ["livenessProbe: {httpGet: {port: 80}}", ["generate/mesh-probe spec.containers[0].livenessProbe.httpGet"]],
    ["readinessProbe: {grpc: {port: 80}}", ["generate/mesh-probe spec.containers[0].readinessProbe.grpc"]],
    ["startupProbe: {tcpSocket: {port: 80}}", ["generate/mesh-probe spec.containers[0].startupProbe.tcpSocket"]],
    [
      "lifecycle: {preStop: {httpGet: {port: 80}}}",
      ["generate/mesh-probe spec.containers[0].lifecycle.preStop.httpGet"],
    ],
    [
      "livenessProbe: {httpGet: {port: http}}, ports: [{name: http, containerPort: 80}]",
      ["generate/mesh-probe spec.containers[0].livenessProbe.httpGet"],
    ],
    ["livenessProbe: {httpGet: {port: 8080}}", []],
    ["livenessProbe: {httpGet: {port: 80, host: example.org}}", []],
    ["livenessProbe: {exec: {command: [true]}}", []],
    ["livenessProbe: {httpGet: {port: unknown}}", []],
    ["ports: [{containerPort: 53, protocol: UDP}]", ["generate/mesh-protocol spec.containers[0].ports[0]"]],
    ["ports: [{containerPort: 4001}]", ["generate/mesh-port-taken spec.containers[0].ports[0]"]],
  ])("looks through the mesh at %s", (container, wanted) => {
    const metadata = meshed(`${INGRESS}: "open#8080#true##auth#81#false", ${EGRESS}: "db#127.0.0.2:4001#db:5432"`);
    expect(lint({ metadata, container })).toEqual(wanted);
    expect(lint({ container }).filter((finding) => !finding.includes("volume"))).toEqual([]);
  });

  test("finds GPU pods on platforms without GPU, and without what a GPU needs", () => {
    const container = "resources: {limits: {nvidia.com/GH100_H100_PCIE: 1}}";
    expect(lint({ container })).toEqual(["generate/gpu-platform spec.containers[0].resources.limits"]);
    const memory = "io.katacontainers.config.hypervisor.default_memory";
    expect(lint({ container }, "k3s-qemu-snp-gpu")).toEqual([
      "generate/gpu-annotation metadata.annotations",
      `generate/gpu-annotation metadata.annotations["${memory}"]`,
    ]);
    const device = 'cdi.k8s.io/gpu: "nvidia.com/pgpu=0"';
    expect(lint({ container, metadata: meshed(`${device}, ${memory}: "4096"`) }, "k3s-qemu-snp-gpu")).toHaveLength(1);
    expect(lint({ container, metadata: meshed(`${device}, ${memory}: "8192"`) }, "k3s-qemu-snp-gpu")).toEqual([]);
  });

  test("finds images of another release", () => {
    const withImage = (image: string): string[] =>
      lint({ spec: `runtimeClassName: contrast-cc, initContainers: [{name: i, image: "${image}"}]` });
    const name = "ghcr.io/edgelesssys/contrast/coordinator";
    expect(withImage(`${name}:v1.3.0@sha256:${"0".repeat(64)}`)).toEqual([
      "generate/release-image-version spec.initContainers[1].image",
    ]);
    for (const image of [
      `${name}:latest`,
      `${name}:v1.4.1`,
      `${name}@sha256:${"0".repeat(64)}`,
      "other/coordinator:v1",
    ]) {
      expect(withImage(image)).toEqual([]);
    }
  });

  test("says nothing about pods of other runtime classes", () => {
    expect(
      lint({ spec: "runtimeClassName: runc", container: "volumeMounts: [{name: missing, mountPath: /}]" }),
    ).toEqual([]);
  });
});
