import { beforeAll, describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../../src/lib/json.ts";
import { REMEDIES } from "../../../src/policy/explain/check-guide.ts";
import { applyPatchOperation } from "../../../src/policy/json-patch.ts";
import { podYaml } from "../../fakes/policy-input.ts";
import { creationOf, explain, type ExplainedPolicy, explainedPolicy } from "./explained-policy.ts";

/** Top layer, other layer, overlay: the storages of a container on AKS. */
let policy: ExplainedPolicy;
beforeAll(async () => {
  policy = await explainedPolicy(podYaml(), { profile: "aks" });
});

/** Findings of the check `image` after changes of the request that creates the container. */
async function explainImage(...changes: readonly { op: "add" | "replace" | "remove"; path: string; value?: Json }[]) {
  let request: Json = creationOf(policy, "main");
  for (const change of changes) request = applyPatchOperation(request, change);
  const { nearest, faults } = await explain(policy, { kind: "CreateContainerRequest", request });
  expect([nearest?.name, faults.map(({ check }) => check)]).toEqual(["main", ["image"]]);
  return faults[0]?.findings ?? [];
}

const storages = (): readonly JsonObject[] =>
  (creationOf(policy, "main") as JsonObject)["storages"] as readonly JsonObject[];

/** Index of the first storage of a driver. */
const indexOf = (driver: string): number => storages().findIndex((storage) => storage["driver"] === driver);

const optionsOf = (index: number): readonly string[] => storages()[index]!["options"] as readonly string[];

describe("explainRequest() on AKS", () => {
  test("shows the root hash of a layer beside the right one, the image in the YAML, and what to do", async () => {
    const index = indexOf("blk");
    const root = optionsOf(index).findIndex((option) => option.includes("root-hash"));
    const path = `/storages/${index}/options/${root}`;
    const value = `io.katacontainers.fs-opt.root-hash=${"0".repeat(64)}`;
    const findings = await explainImage({ op: "replace", path, value });
    expect(findings).toEqual([
      {
        is: "differs",
        path: ["storages", index, "options"],
        received: optionsOf(index).with(root, value),
        expected: optionsOf(index),
        yaml: expect.objectContaining({ path: "spec.containers[0].image" }),
        remedy: REMEDIES.image,
      },
    ]);
  });

  test("shows the layer of another image, and which one is missing", async () => {
    const index = indexOf("blk");
    const value = `/run/kata-containers/sandbox/layers/${"0".repeat(64)}`;
    const findings = await explainImage({ op: "replace", path: `/storages/${index}/mount_point`, value });
    expect(findings.map(({ is, path }) => [is, path])).toEqual([
      ["missing", ["storages"]],
      ["added", ["storages", index]],
    ]);
    expect(findings[0]?.expected).toMatch(/^layer [0-9a-f]{64} with root hash [0-9a-f]{64}$/);
    expect(new Set(findings.map(({ remedy }) => remedy))).toEqual(new Set([REMEDIES.image]));
  });

  test.each<[string, () => Json, string]>([
    ["options", () => optionsOf(indexOf("overlayfs")).slice(1), "options"],
    ["mount_point", () => "/elsewhere", "mount_point"],
    ["source", () => "/dev/sda", "source"],
    ["driver_options", () => ["x"], "driver_options"],
  ])("shows %s of the overlay", async (field, value, told) => {
    const index = indexOf("overlayfs");
    const path = `/storages/${index}/${field}`;
    const findings = await explainImage({ op: "replace", path, value: value() });
    expect(findings.map(({ is, path: place }) => [is, place])).toContainEqual(["differs", ["storages", index, told]]);
  });

  test("counts layers of which each is right", async () => {
    const index = indexOf("blk");
    const findings = await explainImage({ op: "add", path: "/storages/-", value: storages()[index]! });
    expect(findings).toMatchObject([{ is: "counted", expected: { "layers and overlay": 4, wanted: 3 } }]);
  });

  test("misses the overlay", async () => {
    const findings = await explainImage({ op: "remove", path: `/storages/${indexOf("overlayfs")}` });
    expect(findings).toMatchObject([{ is: "missing", expected: "an overlay of the layers" }]);
  });

  test("tells an image that the guest pulls from a layer", async () => {
    const image = { driver: "image_guest_pull", driver_options: [], source: "x", fstype: "overlay", options: [] };
    const value = { ...image, mount_point: "/run/x", fs_group: null, shared: false };
    const findings = await explainImage({ op: "add", path: "/storages/-", value });
    expect(findings).toMatchObject([{ is: "added", remedy: REMEDIES.platform }]);
  });
});
