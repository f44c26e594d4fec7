import { describe, expect, test } from "bun:test";
import { imageStorages, layerIds } from "../../../src/policy/derive/image-layers.ts";
import { loadProfile } from "../../../src/policy/settings/profiles.ts";
import { derive, podYaml } from "../../fakes/policy-input.ts";

/** Layers whose ids stand in published policies. */
const PAUSE = "sha256:9760f55e20e3f4eb6b837e1b323b3c6f29b1ef4a4617fe98625ead879e91b1c1";
const BUSYBOX = [
  "sha256:1be74353c3d0fd55fb5638a52953e6f1bc441e5b1710921db9ec2aa202725569",
  "sha256:84ff92691f909a05b224e1c56abb4864f01b4f8e3c854e4bb4c7baf1d3f6d652",
] as const;
const BUSYBOX_IDS = [
  "2570e3a19e1bf20ddda45498a9627f61555d2d6c01479b9b76460b679b27d552",
  "2c342a137e693c7898aec36da1047f191dc7c1687e66198adacc439cf4adf379",
] as const;
const BUSYBOX_HASHES = [
  "b643b6217748983830b26ac14a35a3322dd528c00963eaadd91ef55f513dc73f",
  "8568c70c0ccfe0051092e818da769111a59882cd19dd799d3bca5ffa82791080",
] as const;

describe("layerIds()", () => {
  test("gives the ids of published policies", () => {
    expect(layerIds([PAUSE])).toEqual(["5a5aad80055ff20012a50dc25f8df7a29924474324d65f7d5306ee8ee27ff71d"]);
    expect(layerIds(BUSYBOX)).toEqual(BUSYBOX_IDS);
  });
  test("gives one layer another id on another layer", () => {
    const [, above] = layerIds([PAUSE, BUSYBOX[1]]);
    expect(above).not.toBe(BUSYBOX_IDS[1]);
    expect(layerIds([])).toEqual([]);
  });
});

describe("imageStorages()", () => {
  test("lists the layers from the newest to the oldest, then the overlay of all", () => {
    const layers = BUSYBOX.map((diffId, index) => ({ diffId, rootHashHex: BUSYBOX_HASHES[index]! }));
    const rest = { driver_options: [], source: "", fs_group: null, shared: false };
    expect(imageStorages(layers, "$(cpath)/$(bundle-id)")).toEqual([
      { ...rest, driver: "blk", fstype: "tar", options: ["$(hash0)"], mount_point: "$(layer0)" },
      { ...rest, driver: "blk", fstype: "tar", options: ["$(hash1)"], mount_point: "$(layer1)" },
      {
        ...rest,
        driver: "overlayfs",
        fstype: "fuse3.kata-overlay",
        options: [BUSYBOX_IDS.toReversed().join(":"), BUSYBOX_HASHES.toReversed().join(":")],
        mount_point: "$(cpath)/$(bundle-id)",
      },
    ]);
  });
});

describe("derivePolicyData(), layers", () => {
  const image = `registry.example/layered:1@sha256:${"cd".repeat(32)}`;
  const layer = (digit: string): object => ({ diffId: `sha256:${digit.repeat(64)}`, rootHash: digit.repeat(64) });
  const facts = {
    "mcr.microsoft.com/oss/kubernetes/pause:3.6": { config: { Entrypoint: ["/pause"] }, layers: [layer("1")] },
    [image]: { config: { Entrypoint: ["/app"] }, layers: [layer("2"), layer("3")] },
    bare: { config: { Entrypoint: ["/app"] }, layers: [] },
    unknown: { config: { Entrypoint: ["/app"] } },
  };
  const pod = podYaml("volumeMounts: [{name: data, mountPath: /data}]", "volumes: [{name: data, emptyDir: {}}]");
  const yaml = (reference: string): string => pod.replace(/image: "[^"]*"/, `image: "${reference}"`);

  test("puts the layers before the volumes, for the pause container too", async () => {
    const { data, errors } = await derive(yaml(image), { profile: "aks", facts });
    expect(errors).toEqual([]);
    const drivers = data?.containers.map(({ storages }) => storages.map(({ driver }) => driver));
    expect(drivers).toEqual([
      ["blk", "overlayfs"],
      ["blk", "blk", "overlayfs", "local"],
    ]);
    const { other_container } = await loadProfile("aks");
    expect(data?.containers[1]?.storages[2]?.mount_point).toBe(other_container.Root.Path);
    expect(data?.containers[1]?.storages[2]?.options[1]).toBe(`${"3".repeat(64)}:${"2".repeat(64)}`);
  });
  test("asks for no layers where guests do not verify them", async () => {
    const { data, errors } = await derive(yaml("unknown"), { profile: "metal", facts });
    expect(errors).toEqual([]);
    expect(data?.containers[1]?.storages.map(({ driver }) => driver)).toEqual(["local"]);
  });
  test("refuses an image without layers, and one whose layers cannot be had", async () => {
    const place = "spec.containers[0].image";
    const options = { profile: "aks", facts } as const;
    expect((await derive(yaml("bare"), options)).errors).toEqual([`policy/image-without-layers ${place}`]);
    expect((await derive(yaml("unknown"), options)).errors).toEqual([`policy/image-facts-missing ${place}`]);
  });
});
