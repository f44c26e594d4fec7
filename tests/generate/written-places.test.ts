import { describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/generate/generate.ts";
import type { GenerateResult } from "../../src/generate/generate-result.ts";
import { snapshotOf } from "../e2e/snapshot.ts";
import { IMAGE, type Scene, scene } from "../fakes/generate-scene.ts";

/** Warned of in several lines, some of them in lines that patching changes. */
const FAULTY = `# first
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {contrast.edgeless.systems/servicemesh-ingress: "p#8080#true"}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      runtimeClassName: contrast-cc
      hostNetwork: true
      containers:
        - name: web
          image: ${IMAGE}
          imagePullpolicy: Always
          env: [{name: PASSWORD, value: "\u{1F511}"}]
          securityContext: {runAsUser: 1000, runAsGroup: 1000, privileged: true}
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  runtimeClassName: contrast-cc
  containers: [{name: a, image: "${IMAGE}", securityContext: {runAsUser: 1000, runAsGroup: 1000, privileged: true}}]
`;

function faultyScene(yaml = FAULTY): Scene {
  const made = scene(yaml, { selfCheck: false });
  const proxy = "ghcr.io/edgelesssys/contrast/service-mesh-proxy:latest = registry.example/initializer:1.0\n";
  appendFileSync(join(made.directory, "images.txt"), proxy);
  return made;
}

const recordedRuns = ({ log }: Scene): number =>
  log.lines.filter((line) => line.includes("nothing has changed")).length;

const told = ({ warnings }: GenerateResult): readonly string[] =>
  warnings
    .filter(({ line }) => line !== undefined)
    .map((warning) => Object.values(warning).map(String).toSorted().join("|"))
    .toSorted();

describe("writtenWarnings()", () => {
  test("tells of a run, of one that has its record and of one that has not the same about the written files", async () => {
    const made = faultyScene();
    const { options, services, directory } = made;
    const first = await generate(options, services);
    const written = snapshotOf(directory);
    const again = await generate(options, services);
    expect(recordedRuns(made)).toBe(1);
    expect(told(again)).toEqual(told(first));
    expect(snapshotOf(directory)).toEqual(written);

    rmSync(join(directory, "cache"), { recursive: true });
    const whole = await generate(options, services);
    expect(recordedRuns(made)).toBe(1);
    expect(told(whole)).toEqual(told(first));
    const lines = readFileSync(join(directory, "resources", "pod.yaml"), "utf8").split("\n");
    const named = whole.warnings.flatMap(({ code, line, column = 0 }) =>
      line === undefined ? [] : [`${code} ${lines[line - 1]?.slice(column - 1, column + 6)}`],
    );
    expect(named.toSorted()).toEqual([
      "generate/field-unknown Always",
      'lint/env-secret "\u{1F511}"}]',
      "lint/host-namespace true",
      "lint/memory-limit name: w",
      "lint/memory-limit {name: ",
      "lint/privileged true}",
      "lint/privileged true}, ",
      "policy/namespace-missing name: w",
      "policy/namespace-missing {name: ",
    ]);
  });

  test("keeps no record while a warning is about an init container that gets another number", async () => {
    const privileged = "securityContext: {runAsUser: 1000, runAsGroup: 1000, privileged: true}";
    const own = `      initContainers:\n        - {name: one, image: "${IMAGE}", ${privileged}}\n`;
    const made = faultyScene(FAULTY.replace("      containers:", `${own}      containers:`));
    const runs = [0, 0, 1];
    for (const count of runs) {
      await generate(made.options, made.services);
      expect(recordedRuns(made)).toBe(count);
    }
  });

  test("keeps places of the input where the result goes to another file", async () => {
    const made = faultyScene();
    const outputPath = join(made.directory, "all.yaml");
    const { warnings } = await generate({ ...made.options, outputPath }, made.services);
    expect(warnings.find(({ code }) => code === "lint/host-namespace")).toMatchObject({ line: 13, column: 20 });
  });
});
