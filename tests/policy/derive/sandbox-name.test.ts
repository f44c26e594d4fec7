import { describe, expect, test } from "bun:test";
import { sandboxNamePattern } from "../../../src/policy/derive/sandbox-name.ts";
import { examplePodName } from "../../../src/policy/self-check/example-pod-name.ts";
import { objectsFrom } from "../../fakes/objects.ts";

const SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]+";
const KINDS = [
  "Pod",
  "Deployment",
  "ReplicaSet",
  "ReplicationController",
  "DaemonSet",
  "StatefulSet",
  "Job",
  "CronJob",
];

describe("sandboxNamePattern()", () => {
  test.each([
    ["Pod", "web.v1", String.raw`^web\.v1$`],
    ["Deployment", "web", `^web-${SUFFIX}-${SUFFIX}$`],
    ["ReplicaSet", "web", `^web-${SUFFIX}$`],
    ["ReplicationController", "web", `^web-${SUFFIX}$`],
    ["DaemonSet", "web", `^web-${SUFFIX}$`],
    ["StatefulSet", "web", "^web-[0-9]+$"],
    ["Job", "web", `^web(-[0-9]+)?-${SUFFIX}$`],
    ["CronJob", "web", `^web-[0-9]+(-[0-9]+)?-${SUFFIX}$`],
  ])("gives the names of a %s", (kind, name, expected) => {
    expect(sandboxNamePattern(kind, name, undefined)).toBe(expected);
  });
  test("uses generateName where there is no name", () => {
    expect(sandboxNamePattern("Pod", undefined, "web.")).toBe(String.raw`^web\.${SUFFIX}$`);
    expect(sandboxNamePattern("Pod", "", "web-")).toBe(`^web-${SUFFIX}$`);
    expect(sandboxNamePattern("Deployment", undefined, "web-")).toBe(`^web-${SUFFIX}-${SUFFIX}-${SUFFIX}$`);
    expect(sandboxNamePattern("Pod", "named", "web-")).toBe("^named$");
  });
  test("is undefined without any name", () => {
    expect(sandboxNamePattern("Pod", undefined, undefined)).toBeUndefined();
  });
  test.each(KINDS)("admits the names that the cluster makes for a %s of any length, and no other's", (kind) => {
    // Kubernetes accepts no longer names of CronJobs.
    for (let length = 1; length <= (kind === "CronJob" ? 52 : 63); length++) {
      for (const completionMode of ["Indexed", "NonIndexed"]) {
        const name = "n".repeat(length);
        const spec =
          kind === "CronJob"
            ? `{jobTemplate: {spec: {completionMode: ${completionMode}}}}`
            : `{completionMode: ${completionMode}}`;
        const [object] = objectsFrom(`{apiVersion: v1, kind: ${kind}, metadata: {name: "${name}"}, spec: ${spec}}`);
        const pattern = new RegExp(sandboxNamePattern(kind, name, undefined) ?? "");
        const podName = examplePodName(object!);
        expect([podName, pattern.test(podName)]).toEqual([podName, true]);
        expect(pattern.test(`x${podName}`)).toBe(false);
        expect(pattern.test(`${podName}!`)).toBe(false);
      }
    }
  });
});
