import { describe, expect, test } from "bun:test";
import type { Path } from "../../../src/kubernetes/path.ts";
import type { Json } from "../../../src/lib/json.ts";
import { REMEDIES } from "../../../src/policy/explain/check-guide.ts";
import type { Deviation } from "../../../src/policy/explain/explanation-value.ts";
import { guideOf } from "../../../src/policy/explain/guide-of.ts";
import { receivedFinding } from "../../../src/policy/explain/received-finding.ts";
import type { ContainerView } from "../../../src/policy/policy-view.ts";
import { parsePolicy } from "../../../src/policy/parse-policy.ts";
import { foundIn } from "../../fakes/found-policies.ts";
import { podYaml } from "../../fakes/policy-input.ts";

const [, main] = parsePolicy((await foundIn(podYaml())).text).data?.containers ?? [];

const REQUEST: Json = {
  OCI: {
    Annotations: { "io.kubernetes.cri.sandbox-uid": "x", team: "red" },
    Mounts: [{ destination: "/etc/hosts" }, { destination: "/data" }],
    Root: { Path: "/x", Readonly: true },
  },
  storages: [
    { driver: "image_guest_pull", source: "other", fstype: "ext4" },
    { driver: "blk", fstype: "tar" },
  ],
};

function findingOf(check: string, is: Deviation, path: Path, container: ContainerView | undefined = main) {
  const guide = guideOf(check, "CreateContainerRequest");
  return receivedFinding({ check, is, path, expected: undefined }, REQUEST, { object: undefined, container, guide });
}

describe("receivedFinding()", () => {
  test.each<[string, string, Deviation, Path]>([
    ["a mount of the runtime that differs", "mounts", "differs", ["OCI", "Mounts", 0, "source"]],
    ["an annotation of the runtime", "annotations", "added", ["OCI", "Annotations", "io.kubernetes.cri.sandbox-uid"]],
    ["the place of the root", "root", "differs", ["OCI", "Root", "Path"]],
    ["how the guest is told to pull", "image", "differs", ["storages", 0, "fstype"]],
  ])("blames the node for %s", (_, check, is, path) => {
    expect(findingOf(check, is, path)).toMatchObject({ remedy: REMEDIES.platform, yaml: undefined });
  });
  test.each<[string, string, Deviation, Path, string]>([
    ["a mount that nobody asked for", "mounts", "added", ["OCI", "Mounts", 0], "volumeMounts"],
    ["a mount of its own", "mounts", "differs", ["OCI", "Mounts", 1, "source"], "volumeMounts"],
    [
      "a root that is read-only",
      "root",
      "differs",
      ["OCI", "Root", "Readonly"],
      "securityContext.readOnlyRootFilesystem",
    ],
    ["another image", "image", "differs", ["storages", 0, "source"], "image"],
  ])("names the YAML for %s", (_, check, is, path, field) => {
    const { yaml, remedy } = findingOf(check, is, path);
    expect(yaml?.path).toBe(`containers[name=main].${field}`);
    expect(remedy).not.toBe(REMEDIES.platform);
  });
  test.each<[string, Deviation, Path]>([
    ["a layer that differs", "differs", ["storages", 1, "options"]],
    ["a layer that is missing", "missing", ["storages"]],
  ])("says of %s that the node has another image", (_, is, path) => {
    expect(findingOf("image", is, path).remedy).toBe(REMEDIES.image);
  });
  test("shows what the request has, but nothing in place of what it lacks", () => {
    expect(findingOf("root", "differs", ["OCI", "Root", "Path"]).received).toBe("/x");
    expect(findingOf("annotations", "missing", ["OCI", "Annotations"]).received).toBeUndefined();
    expect(findingOf("vfio", "counted", ["storages"]).received).toBeUndefined();
  });
});
