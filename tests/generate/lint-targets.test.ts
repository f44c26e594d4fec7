import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { generate } from "../../src/generate/generate.ts";
import { createInputSet, parseInput } from "../../src/kubernetes/input-set.ts";
import { Problems, ProblemsError } from "../../src/lib/problems.ts";
import { lintTargets } from "../../src/generate/lint-targets.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { LINT_OPTIONS, podYaml } from "../fakes/lint.ts";
import { POD, scene } from "../fakes/generate-scene.ts";
import { join } from "node:path";

const INGRESS = "contrast.edgeless.systems/servicemesh-ingress";

/** Codes of the warnings about YAML. */
async function warningsOf(yaml: string): Promise<readonly string[]> {
  const problems = new Problems();
  const file = parseInput(new TextEncoder().encode(yaml), "a.yaml", problems);
  await lintTargets(createInputSet([file!], problems), LINT_OPTIONS, problems);
  expect(problems.errors).toEqual([]);
  return problems.warnings.map(({ code }) => code).toSorted();
}

/** Code and place of everything that a run tells. */
async function toldBy(yaml: string): Promise<readonly string[]> {
  const { options, services } = scene(yaml);
  const told = await generate(options, services).then(
    ({ warnings }) => warnings,
    (error: unknown) => {
      if (!(error instanceof ProblemsError)) throw error;
      return [...error.problems, ...error.warnings];
    },
  );
  return told.map(({ line, column, path }) => `${line}:${column} ${path}`);
}

describe("lintTargets()", () => {
  test("warns of errors and warnings, and not of what is only worth knowing", async () => {
    expect(await warningsOf(podYaml({ container: "securityContext: {privileged: true}" }))).toEqual([
      "lint/privileged",
    ]);
    expect(await warningsOf(podYaml({ spec: "hostNetwork: true" }))).toEqual(["lint/host-namespace"]);
    expect(await warningsOf(podYaml({ container: "livenessProbe: {exec: {command: [x]}}" }))).toEqual([]);
    const requests = "resources: {limits: {memory: 64Mi}, requests: {memory: 65Mi}}";
    expect(await warningsOf(podYaml({ container: requests }))).toEqual(["lint/memory-request"]);
  });

  test("refuses a GPU on a platform without one, unless told to be silent", async () => {
    const limits = "resources: {limits: {memory: 64Mi, nvidia.com/GH100_H100_PCIE: 1}}";
    const pod = POD.replace("resources: {limits: {memory: 64Mi}}", limits);
    const { options, services } = scene(pod);
    expect(await codeOfAsync(() => generate(options, services))).toBe("generate/gpu-platform");
    const reason = "# contrast-lint: ignore gpu-platform: tried on changed nodes";
    const silenced = scene(pod.replace(limits, `${limits} ${reason}`));
    expect((await generate(silenced.options, silenced.services)).workloads).toHaveLength(1);
  });

  test("obeys silences, and tells those that it cannot obey", async () => {
    const pod = podYaml({ container: "securityContext: {privileged: true}" });
    expect(await warningsOf(`${pod} # contrast-lint: ignore privileged: loop devices\n`)).toEqual([]);
    expect(await warningsOf(`${pod} # contrast-lint: ignore privileged\n`)).toEqual([
      "lint/privileged",
      "lint/silence-invalid",
    ]);
  });

  test.each([
    ["an image without digest", podYaml({ container: "image: web:1" })],
    [
      "a part of a volume",
      podYaml({
        spec: "volumes: [{name: a, emptyDir: {}}]",
        container: "volumeMounts: [{name: a, mountPath: /a, subPath: b}]",
      }),
    ],
    [
      "a volume that no policy can describe",
      podYaml({ spec: "volumes: [{name: a, iscsi: {}}]", container: "volumeMounts: [{name: a, mountPath: /a}]" }),
    ],
    ["the processes of the host", podYaml({ spec: "hostPID: true" })],
    ["malformed mesh annotations", podYaml({ metadata: `annotations: {${INGRESS}: "a#b"}` })],
    [
      "mesh annotations of pods whose class is replaced",
      podYaml({ metadata: `annotations: {${INGRESS}: ""}`, spec: "runtimeClassName: kata-cc-isolation" }),
    ],
    ["an annotation that is no text", podYaml({ metadata: `annotations: {${INGRESS}: 1}` })],
    ["no namespace", podYaml({ metadata: "namespace: ''" })],
  ])("leaves %s to the steps that know more", async (_title, yaml) => {
    expect(await warningsOf(yaml)).toEqual([]);
  });

  test.each([
    ["an image without digest", "image: registry.example/web:1.0", "resources: {}"],
    ["hostPID", "  containers:", "  hostPID: true\n  containers:"],
    ["a volume of the host", "  containers:", "  volumes: [{name: a, hostPath: {path: /a}}]\n  containers:"],
    ["mesh annotations", "  namespace: shop", `  namespace: shop\n  annotations: {${INGRESS}: "a#80#maybe"}`],
    ["no namespace", "  namespace: shop\n", ""],
  ])("tells nothing twice about %s", async (_title, from, to) => {
    const told = await toldBy(POD.replace(from, to));
    expect(told).toEqual([...new Set(told)]);
  });

  test("finds the same before and after generate has written", async () => {
    const { directory, options, services } = scene(
      POD.replace("securityContext: {", "securityContext: {privileged: true, "),
    );
    const first = await generate(options, services);
    expect(first.warnings.map(({ code }) => code)).toContain("lint/privileged");
    const written = readFileSync(join(directory, "resources", "pod.yaml"), "utf8");
    expect(await warningsOf(written)).toEqual(["lint/privileged"]);
  });
});
