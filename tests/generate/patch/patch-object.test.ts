import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { embeddedImageReplacements } from "../../../src/generate/image-replacements.ts";
import { patchObject, type PatchOptions } from "../../../src/generate/patch/patch-object.ts";
import { type Value, type ValueMap, valueAt } from "../../../src/kubernetes/value.ts";
import { workloadOf } from "../../../src/kubernetes/workload.ts";
import { objectsFrom, pathContext, workloadFrom } from "../../fakes/objects.ts";

const HANDLER = "contrast-cc-k3s-qemu-snp-81e2e96a";
const OPTIONS: PatchOptions = {
  handler: HANDLER,
  images: embeddedImageReplacements(),
  skipInitializer: false,
  skipServiceMesh: false,
};

/** Freezes a value through and through, so that any attempt to modify it throws. */
function frozen(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member as Value);
  }
  return value;
}

function patch(yaml: string, options: Partial<PatchOptions> = {}) {
  const { object, workload } = workloadFrom(yaml);
  const context = pathContext();
  frozen(object.value);
  const patched = patchObject(object.value, workload, { ...OPTIONS, ...options }, context);
  return { before: object.value, patched, spec: valueAt(patched, workload.podSpecPath), ...context };
}

interface PodText {
  readonly metadata?: string;
  readonly spec?: string;
}

const pod = ({ metadata = "", spec = "" }: PodText): string => `
apiVersion: v1
kind: Pod
metadata:
  name: web${metadata}
spec:
  runtimeClassName: contrast-cc${spec}
  containers:
  - name: web
    image: web@sha256:${"1".repeat(64)}
`;

const namesIn = (spec: Value | undefined, list: string): unknown[] =>
  ((valueAt(spec, [list]) ?? []) as ValueMap[]).map(({ name }) => name);

describe("patchObject()", () => {
  test.each([
    ["Pod", "v1", ["spec"]],
    ["ReplicationController", "v1", ["spec", "template", "spec"]],
    ["Deployment", "apps/v1", ["spec", "template", "spec"]],
    ["StatefulSet", "apps/v1", ["spec", "template", "spec"]],
    ["DaemonSet", "apps/v1", ["spec", "template", "spec"]],
    ["ReplicaSet", "apps/v1", ["spec", "template", "spec"]],
    ["Job", "batch/v1", ["spec", "template", "spec"]],
    ["CronJob", "batch/v1", ["spec", "jobTemplate", "spec", "template", "spec"]],
  ])("patches a %s of %s", (kind, apiVersion, path) => {
    let value: Value = { runtimeClassName: "contrast-cc", containers: [{ name: "web", image: "web" }] };
    for (const step of path.toReversed()) value = { [step]: value };
    const text = JSON.stringify({ apiVersion, kind, metadata: { name: "web" }, ...(value as ValueMap) });
    const { spec, patched } = patch(text);
    expect(valueAt(spec, ["runtimeClassName"])).toBe(HANDLER);
    expect(valueAt(patched, [...path, "initContainers", 0, "name"])).toBe("contrast-initializer");
  });

  test("writes the keys of new maps in ascending order", () => {
    const annotations = `
  annotations: {contrast.edgeless.systems/servicemesh-admin-interface-port: "9901"}`;
    const { spec } = patch(pod({ metadata: annotations }));
    const check = (value: Value): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Array.isArray(value)) expect(Object.keys(value)).toEqual(Object.keys(value).toSorted());
      for (const member of Object.values(value)) check(member as Value);
    };
    check(valueAt(spec, ["initContainers"]) ?? null);
    check(valueAt(spec, ["volumes"]) ?? null);
  });

  test("puts the Initializer first and the sidecar last, in place of older ones", () => {
    const { spec } = patch(
      pod({
        metadata: '\n  annotations: {contrast.edgeless.systems/servicemesh-ingress: ""}',
        spec: `
  initContainers:
  - {name: contrast-service-mesh, image: old, env: [{name: A, value: b}]}
  - {name: one, image: one}
  - {name: contrast-initializer, image: old}
  - {name: two, image: two}`,
      }),
    );
    expect(namesIn(spec, "initContainers")).toEqual(["contrast-initializer", "one", "two", "contrast-service-mesh"]);
    expect(valueAt(spec, ["initContainers", 3, "env"])).toBeUndefined();
    expect(valueAt(spec, ["initContainers", 3, "ports"])).toBeUndefined();
    expect(valueAt(spec, ["initContainers", 1, "volumeMounts"])).toBeUndefined();
  });

  test("replaces a container's own mount of the volume, keeps its other mounts, and uses an existing volume", () => {
    const { spec } = patch(`
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  runtimeClassName: contrast-cc
  volumes:
  - {name: contrast-secrets, emptyDir: {medium: Memory}}
  containers:
  - name: web
    volumeMounts:
    - {name: contrast-secrets, mountPath: /elsewhere, readOnly: true}
    - {name: data, mountPath: /data}
`);
    expect(valueAt(spec, ["volumes"])).toEqual([{ name: "contrast-secrets", emptyDir: { medium: "Memory" } }]);
    expect(valueAt(spec, ["containers", 0, "volumeMounts"])).toEqual([
      { name: "data", mountPath: "/data" },
      { name: "contrast-secrets", mountPath: "/contrast" },
    ]);
  });

  test.each([
    "{secret: {secretName: x}, name: contrast-secrets}",
    "{name: contrast-secrets}",
    "{name: contrast-secrets, emptyDir: null}",
  ])("rejects the volume %s", (volume) => {
    const { errors } = patch(pod({ spec: `\n  volumes:\n  - {name: other}\n  - ${volume}` }));
    expect(errors()).toEqual(["generate/secrets-volume spec.volumes[1]"]);
  });

  test.each([
    ["initContainers: 5", "spec.initContainers"],
    ["volumes: {}", "spec.volumes"],
    ["volumes: [1]", "spec.volumes[0]"],
  ])("rejects a pod spec with %s", (text, path) => {
    expect(patch(pod({ spec: `\n  ${text}` })).errors()).toContain(`generate/wrong-type ${path}`);
  });

  test.each([
    ["containers: 5", "spec.containers"],
    ["containers: [{name: a, volumeMounts: 5}]", "spec.containers[0].volumeMounts"],
  ])("rejects a pod spec with %s", (text, path) => {
    const yaml = `{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {runtimeClassName: contrast-cc, ${text}}}`;
    expect(patch(yaml).errors()).toContain(`generate/wrong-type ${path}`);
  });

  test("injects nothing for the AKS class, but replaces it, and remembers that for the next run", () => {
    const { spec, patched } = patch(pod({}).replace("contrast-cc", "kata-cc-isolation"));
    expect(spec).toMatchObject({ runtimeClassName: HANDLER });
    expect(namesIn(spec, "initContainers")).toEqual([]);
    expect(valueAt(patched, ["metadata", "annotations"])).toEqual({
      "contrast.edgeless.systems/skip-initializer": "true",
    });
  });

  test("leaves a pod of the AKS class that skips the Initializer already as it is", () => {
    const { patched } = patch(
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: x, annotations: {contrast.edgeless.systems/skip-initializer: "true"}},
      spec: {template: {spec: {runtimeClassName: kata-cc-isolation, containers: []}}}}`,
    );
    expect(valueAt(patched, ["spec", "template"])).toEqual({ spec: { runtimeClassName: HANDLER, containers: [] } });
  });

  test("rejects mesh annotations on a pod of the AKS class", () => {
    const text = pod({ metadata: '\n  annotations: {contrast.edgeless.systems/servicemesh-egress: ""}' });
    expect(patch(text.replace("contrast-cc", "kata-cc-isolation")).errors()).toEqual([
      'generate/mesh-annotation-unused metadata.annotations["contrast.edgeless.systems/servicemesh-egress"]',
    ]);
  });

  test.each(["contrast-cc", "contrast-cc-aks-clh-snp-00000000", "contrast-cc-anything", HANDLER])(
    "replaces the runtime class %s",
    (name) => {
      expect(patch(pod({}).replace("contrast-cc", name)).spec).toMatchObject({ runtimeClassName: HANDLER });
    },
  );

  test.each(["runc", "kata", "kata-cc", "nvidia"])("leaves a pod of class %s alone", (name) => {
    const { before, patched } = patch(pod({}).replace("contrast-cc", name));
    expect(patched).toBe(before);
  });

  test("leaves objects without metadata or pod spec alone", () => {
    for (const text of [
      "{apiVersion: v1, kind: Pod, spec: {runtimeClassName: contrast-cc, containers: []}}",
      "{apiVersion: v1, kind: Pod, metadata: {name: x}}",
      "{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: []}",
    ]) {
      const { before, patched, errors } = patch(text);
      expect(patched).toBe(before);
      expect(errors()).toEqual([]);
    }
  });

  test("obeys the two skip flags", () => {
    const text = pod({ metadata: '\n  annotations: {contrast.edgeless.systems/servicemesh-egress: ""}' });
    expect(namesIn(patch(text, { skipInitializer: true }).spec, "initContainers")).toEqual(["contrast-service-mesh"]);
    expect(namesIn(patch(text, { skipServiceMesh: true }).spec, "initContainers")).toEqual(["contrast-initializer"]);
    const { spec } = patch(text, { skipInitializer: true, skipServiceMesh: true });
    expect(namesIn(spec, "volumes")).toEqual([]);
  });

  test("skips the Initializer for exactly the text true, and never the mesh", () => {
    const annotated = (value: string): PodText => ({
      metadata: `
  annotations:
    contrast.edgeless.systems/skip-initializer: ${value}
    contrast.edgeless.systems/servicemesh-ingress: ""`,
    });
    expect(namesIn(patch(pod(annotated('"true"'))).spec, "initContainers")).toEqual(["contrast-service-mesh"]);
    expect(namesIn(patch(pod(annotated('"True"'))).spec, "initContainers")).toHaveLength(2);
    expect(patch(pod(annotated("true"))).errors()).toEqual([
      'generate/annotation-not-text metadata.annotations["contrast.edgeless.systems/skip-initializer"]',
    ]);
  });

  test("reads annotations from the template first, then from the object, and warns when they differ", () => {
    const deployment = (object: string, template: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {${object}}
spec:
  template:
    metadata:
      annotations: {${template}}
    spec:
      runtimeClassName: contrast-cc
      containers: [{name: web, image: web}]
`;
    const key = "contrast.edgeless.systems/servicemesh-ingress";
    const entries = (result: ReturnType<typeof patch>): unknown =>
      valueAt(result.spec, ["initContainers", 1, "env", 0, "value"]);
    const both = patch(deployment(`${key}: "a#1#true"`, `${key}: "b#2#true"`));
    expect(entries(both)).toBe("b#2#true");
    expect(both.warnings()).toEqual([`generate/annotation-differs metadata.annotations["${key}"]`]);
    const same = patch(deployment(`${key}: "a#1#true"`, `${key}: "a#1#true"`));
    expect(same.warnings()).toEqual([]);
    expect(entries(patch(deployment(`${key}: "a#1#true"`, "")))).toBe("a#1#true");
    expect(entries(patch(deployment("", `${key}: "a#1#true"`)))).toBe("a#1#true");
  });

  test("reports every error of the mesh annotations at its annotation", () => {
    const { errors, spec } = patch(
      pod({
        metadata: `
  annotations:
    contrast.edgeless.systems/servicemesh-ingress: "a#0#true##b#80#perhaps"
    contrast.edgeless.systems/servicemesh-admin-interface-port: "99x"`,
      }),
    );
    expect(errors()).toEqual([
      'servicemesh/port-invalid metadata.annotations["contrast.edgeless.systems/servicemesh-admin-interface-port"]',
      'servicemesh/port-invalid metadata.annotations["contrast.edgeless.systems/servicemesh-ingress"]',
      'servicemesh/boolean-invalid metadata.annotations["contrast.edgeless.systems/servicemesh-ingress"]',
    ]);
    expect(namesIn(spec, "initContainers")).toEqual(["contrast-initializer"]);
  });

  const protectedPod = (ipv6: string): string =>
    pod({
      metadata: `
  annotations:
    contrast.edgeless.systems/servicemesh-ingress: "a#80#true"
    contrast.edgeless.systems/servicemesh-ipv6: ${ipv6}
    contrast.edgeless.systems/servicemesh-udp: refuse`,
    });

  test("tells the sidecar what happens to IPv6 and UDP", () => {
    const images = new Map([["ghcr.io/edgelesssys/contrast/service-mesh-proxy:latest", "registry.example/mesh:1"]]);
    const { spec, errors } = patch(protectedPod("protect"), { images });
    expect(errors()).toEqual([]);
    expect(valueAt(spec, ["initContainers", 1, "env"])).toEqual([
      { name: "CONTRAST_INGRESS_PROXY_CONFIG", value: "a#80#true" },
      { name: "CONTRAST_MESH_IPV6", value: "protect" },
      { name: "CONTRAST_MESH_UDP", value: "refuse" },
    ]);
    const args = ["--ipv6=protect", "--udp=refuse", "-l", "debug"];
    expect(valueAt(spec, ["initContainers", 1, "args"])).toEqual(args);
  });

  test("refuses to tell that to the sidecar of the original", () => {
    const { errors } = patch(protectedPod("protect"));
    expect(errors()).toEqual(["servicemesh/image-unable spec.initContainers[1].image"]);
    const text = pod({
      spec: `
  initContainers:
  - name: contrast-service-mesh
    image: mirror.example:5000/edgelesssys/contrast/service-mesh-proxy@sha256:${"1".repeat(64)}
    env: [{name: CONTRAST_MESH_UDP, value: refuse}]`,
    });
    expect(patch(text).errors()).toEqual(["servicemesh/image-unable spec.initContainers[1].image"]);
  });

  test("refuses words that it does not know for IPv6 and UDP", () => {
    const key = "contrast.edgeless.systems/servicemesh-ipv6";
    const { errors } = patch(protectedPod('""'));
    expect(errors()).toEqual([`servicemesh/protection-invalid metadata.annotations["${key}"]`]);
  });

  test("makes no sidecar for annotations about IPv6 and UDP alone", () => {
    const text = pod({ metadata: "\n  annotations: {contrast.edgeless.systems/servicemesh-udp: refuse}" });
    expect(namesIn(patch(text).spec, "initContainers")).toEqual(["contrast-initializer"]);
  });

  test("passes on warnings about the mesh annotations, but not what needs no action", () => {
    const key = "contrast.edgeless.systems/servicemesh-ingress";
    const { errors, warnings, spec } = patch(pod({ metadata: `\n  annotations: {${key}: "##_#80#true###81#true"}` }));
    expect([errors(), warnings()]).toEqual([[], [`servicemesh/name-empty metadata.annotations["${key}"]`]]);
    expect(namesIn(spec, "initContainers")).toHaveLength(2);
  });

  test("leaves a hand-made sidecar without annotation alone", () => {
    const { spec } = patch(pod({ spec: "\n  initContainers: [{name: contrast-service-mesh, image: mine}]" }));
    expect(valueAt(spec, ["initContainers", 1])).toEqual({ name: "contrast-service-mesh", image: "mine" });
  });

  test("replaces images by exact reference, in pods that are not confidential too", () => {
    const images = new Map([["web:1", "web:1@sha256:abc"]]);
    const { spec } = patch(
      `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers: [{name: a, image: "web:1"}]
  containers: [{name: b, image: "web:10"}, {name: c, image: "web:1"}, {name: d}]
`,
      { images },
    );
    expect(valueAt(spec, ["initContainers", 0, "image"])).toBe("web:1@sha256:abc");
    expect(valueAt(spec, ["containers"])).toEqual([
      { name: "b", image: "web:10" },
      { name: "c", image: "web:1@sha256:abc" },
      { name: "d" },
    ]);
  });

  test("shares what it does not change", () => {
    const { before, patched } = patch(
      pod({ spec: "\n  initContainers: [{name: one, image: one}]\n  volumes: [{name: data, emptyDir: {}}]" }),
    );
    expect(patched["metadata"]).toBe(before["metadata"]!);
    expect(valueAt(patched, ["spec", "initContainers", 1])).toBe(valueAt(before, ["spec", "initContainers", 0])!);
    expect(valueAt(patched, ["spec", "volumes", 0])).toBe(valueAt(before, ["spec", "volumes", 0])!);
  });

  test("treats __proto__ as a name like any other", () => {
    const [object] = objectsFrom(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","__proto__":{"a":1}},"spec":{"__proto__":{"runtimeClassName":"contrast-cc"},"containers":[]}}',
    );
    const patched = patchObject(object!.value, workloadOf(object!)!, OPTIONS, pathContext());
    expect(patched).toBe(object!.value);
  });

  test("changes nothing the second time", () => {
    const name = fc.constantFrom("contrast-initializer", "contrast-service-mesh", "contrast-secrets", "web", "db");
    const image = fc.constantFrom("ghcr.io/edgelesssys/contrast/initializer:latest", "web:1", "");
    const mount = fc.record({ name, mountPath: fc.constantFrom("/contrast", "/data") });
    const container = fc.record(
      { name, image, volumeMounts: fc.oneof(fc.constant(null), fc.array(mount, { maxLength: 3 })) },
      { requiredKeys: ["name"] },
    );
    const volume = fc.record({ name, emptyDir: fc.constant({}) });
    const annotations = fc.dictionary(
      fc.constantFrom(
        "contrast.edgeless.systems/servicemesh-ingress",
        "contrast.edgeless.systems/servicemesh-egress",
        "contrast.edgeless.systems/servicemesh-admin-interface-port",
        "contrast.edgeless.systems/skip-initializer",
        "contrast.edgeless.systems/pod-role",
      ),
      fc.constantFrom("", "true", "coordinator", "9901", "a#80#true"),
    );
    const spec = fc.record(
      {
        runtimeClassName: fc.constantFrom("contrast-cc", "kata-cc-isolation", "runc"),
        initContainers: fc.oneof(fc.constant(null), fc.array(container, { maxLength: 3 })),
        containers: fc.array(container, { maxLength: 3 }),
        volumes: fc.array(volume, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    let checked = 0;
    fc.assert(
      fc.property(annotations, spec, (annotation, podSpec) => {
        const metadata = { name: "web", annotations: annotation };
        const { object, workload } = workloadFrom(
          JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec: podSpec }),
        );
        const context = pathContext();
        const once = patchObject(frozen(object.value) as ValueMap, workload, OPTIONS, context);
        if (context.errors().length > 0) return;
        checked++;
        expect(patchObject(frozen(once) as ValueMap, workload, OPTIONS, context)).toBe(once);
      }),
      { seed: 12, numRuns: 500 },
    );
    expect(checked).toBeGreaterThan(100);
  });
});
