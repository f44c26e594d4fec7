import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { lintObjects } from "../../src/lint/lint-objects.ts";
import { IS_CAMPAIGN } from "../fakes/campaign.ts";
import { LINT_OPTIONS } from "../fakes/lint.ts";
import { objectsFrom } from "../fakes/objects.ts";

// Loaded computers are slow; what matters is that time does not grow with the square of the input.
setDefaultTimeout(30_000);

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** Every field that a rule reads. */
const container = (): Tree => ({
  name: "web",
  image: "ghcr.io/edgelesssys/contrast/coordinator:v1.0.0",
  command: ["a", "--listen", "0.0.0.0:80"],
  env: [
    { name: "DB_PASSWORD", value: "hunter2" },
    { name: "NVIDIA_VISIBLE_DEVICES", value: "all" },
    { name: "LISTEN", value: "127.0.0.1:80" },
  ],
  ports: [{ name: "http", containerPort: 4001, protocol: "UDP" }],
  resources: {
    limits: { memory: "1Mi", cpu: "2", "nvidia.com/a": 1 },
    requests: { memory: "2Mi", "nvidia.com/a": 2 },
    claims: [{ name: "a" }],
  },
  securityContext: { privileged: true },
  volumeMounts: [
    { name: "a", mountPath: "/a", subPath: "b" },
    { name: "b", mountPath: "/b" },
  ],
  livenessProbe: { exec: { command: ["a"] } },
  readinessProbe: { httpGet: { port: "http", host: "" } },
  startupProbe: { tcpSocket: { port: 80 } },
  lifecycle: { postStart: { exec: { command: ["a"] } }, preStop: { httpGet: { port: 80 } } },
});

const ROOT = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: {
    name: "web",
    namespace: "shop",
    annotations: { "contrast.edgeless.systems/servicemesh-ingress": "a#80#true" },
  },
  spec: {
    replicas: 2,
    volumeClaimTemplates: [{ metadata: { name: "a" } }],
    template: {
      metadata: {
        annotations: {
          "contrast.edgeless.systems/servicemesh-ingress": "b#81#false",
          "contrast.edgeless.systems/servicemesh-egress": "db#127.0.0.2:4001#db:5432",
          "contrast.edgeless.systems/servicemesh-admin-interface-port": "9901",
          "contrast.edgeless.systems/servicemesh-x": "",
          "contrast.edgeless.systems/lint-ignore": "sub-path: x",
          "io.katacontainers.config.hypervisor.default_memory": "100",
          "cdi.k8s.io/gpu": "nvidia.com/pgpu=0,x",
        },
      },
      spec: {
        runtimeClassName: "contrast-cc",
        hostNetwork: true,
        hostPID: true,
        resources: { limits: { cpu: 2 } },
        initContainers: [],
        containers: [container()],
        volumes: [
          { name: "b", hostPath: { path: "/x" } },
          { name: "c", configMap: { name: "x" } },
        ],
      },
    },
  },
} satisfies Tree;

const REPLACEMENTS: readonly Tree[] = [null, true, 7, -1.5, "", "x", [], [null], {}, { a: null }];

/** The paths of all values below one. */
function pathsOf(value: Tree, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const members: readonly (readonly [string | number, Tree])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [path, ...members.flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

/** A copy with another value at a path. */
function changed(value: Tree, [step, ...rest]: readonly (string | number)[], replacement: Tree): Tree {
  if (step === undefined) return replacement;
  const copy: Tree = structuredClone(value);
  if (Array.isArray(copy) && typeof step === "number") copy[step] = changed(copy[step] ?? null, rest, replacement);
  else if (typeof copy === "object" && copy !== null && !Array.isArray(copy)) {
    copy[String(step)] = changed(copy[String(step)] ?? null, rest, replacement);
  }
  return copy;
}

describe("lintObjects()", () => {
  test("lives with any type of any field that it reads", async () => {
    const paths = pathsOf(ROOT).filter((path) => path.length > 1);
    expect(paths.length).toBeGreaterThan(80);
    // One replacement for each field, another one for its neighbour; a campaign tries all.
    const chosen = (index: number): readonly Tree[] =>
      IS_CAMPAIGN ? REPLACEMENTS : [REPLACEMENTS[index % REPLACEMENTS.length] ?? null];
    const documents = paths.flatMap((path, index) =>
      chosen(index).map((value) => JSON.stringify(changed(ROOT, path, value))),
    );
    const findings = await lintObjects(objectsFrom(documents.join("\n---\n")), LINT_OPTIONS);
    expect(findings.length).toBeGreaterThan(documents.length * 10);
    const telling = findings.filter(({ message }) => /undefined|\[object|hunter2/.test(message));
    expect(telling).toEqual([]);
  });

  test("takes long lists in bounded time", async () => {
    const many = (count: number, text: (index: number) => string): string =>
      Array.from({ length: count }, (_, index) => text(index)).join(",");
    const yaml = `{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: shop, annotations: {contrast.edgeless.systems/servicemesh-ingress: "${"a#1#true##".repeat(5000)}"}}, spec: {runtimeClassName: contrast-cc, volumes: [${many(2000, (index) => `{name: v${index}, hostPath: {path: /x}}`)}], containers: [{name: c, image: c, env: [${many(5000, (index) => `{name: TOKEN_${index}, value: x}`)}], volumeMounts: [${many(2000, (index) => `{name: v${index}, mountPath: /x}`)}], args: ["${"0.0.0.0 ".repeat(400)}"]}]}}`;
    const startedMs = performance.now();
    const findings = await lintObjects(objectsFrom(yaml), LINT_OPTIONS);
    expect(findings.length).toBeGreaterThan(7000);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});
