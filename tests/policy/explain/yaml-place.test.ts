import { describe, expect, test } from "bun:test";
import type { Subject } from "../../../src/policy/explain/refine-field.ts";
import { yamlPlaceOf } from "../../../src/policy/explain/yaml-place.ts";
import { objectsFrom } from "../../fakes/objects.ts";

const about = (check: string, change: Partial<Subject> = {}): Subject => ({
  check,
  key: undefined,
  index: undefined,
  member: undefined,
  ...change,
});

const [pod] = objectsFrom(`apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsGroup: 7, supplementalGroups: [5]}
  containers:
    - name: main
      image: app
      env: [{name: A, value: "1"}]
`);

describe("yamlPlaceOf()", () => {
  test.each<[string, string | undefined, string, Subject, string | undefined]>([
    ["a variable by its name", "main", "env", about("env", { key: "A" }), "containers[name=main].env[name=A]"],
    [
      "no element of other lists",
      "main",
      "volumeMounts",
      about("mounts", { key: "/d" }),
      "containers[name=main].volumeMounts",
    ],
    ["a field of the pod", undefined, "spec.hostNetwork", about("namespaces"), "spec.hostNetwork"],
    [
      "an annotation by its key",
      "main",
      "metadata.annotations",
      about("annotations", { key: "x" }),
      "metadata.annotations.x",
    ],
    ["nothing of the sandbox's own container", undefined, "env", about("env", { key: "A" }), undefined],
  ])("names %s without the YAML", (_, container, field, subject, path) => {
    expect(yamlPlaceOf(undefined, container, field, subject)?.path).toBe(path);
  });

  test.each<[string, string, string, Subject, string | undefined]>([
    ["what the container says", "main", "env", about("env", { key: "A" }), "spec.containers[0].env[0].value"],
    [
      "what the pod says for it",
      "main",
      "securityContext",
      about("user", { member: "GID" }),
      "spec.securityContext.runAsGroup",
    ],
    [
      "groups, which only the pod can add",
      "main",
      "securityContext",
      about("user", { member: "AdditionalGids" }),
      "spec.securityContext.supplementalGroups",
    ],
    [
      "where the container can say what nobody says",
      "main",
      "securityContext",
      about("user", { member: "UID" }),
      "spec.containers[0].securityContext.runAsUser",
    ],
    ["a list that the container lacks", "main", "volumeMounts", about("mounts"), "spec.containers[0].volumeMounts"],
    ["nothing for a container that it lacks", "other", "env", about("env"), undefined],
  ])("finds %s", (_, container, field, subject, path) => {
    expect(yamlPlaceOf(pod, container, field, subject)?.path).toBe(path);
  });
});
