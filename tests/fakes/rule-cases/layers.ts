import type { Tree } from "../rule-policy.ts";
import { IDS } from "../rule-requests.ts";
import { allowed, denied, type Edit, mountOf, type Name, noEdit, policyOf, type RuleCase } from "./rule-case.ts";

/** Ids and root hashes of the layers of every container, top first. */
const LAYER_IDS = ["a1".repeat(32), "b2".repeat(32)];
const HASHES = ["0c".repeat(32), "9d".repeat(32)];

const OTHER_ID = "d4".repeat(32);

const OPTION = "io.katacontainers.fs-opt.";
const FOLDER = "/var/lib/containerd/io.containerd.snapshotter.v1.tardev";
const layerOptions = (hash: string): string[] => [
  "ro",
  `${OPTION}block_device=file`,
  `${OPTION}is-layer`,
  `${OPTION}root-hash=${hash}`,
];

const storage = (parts: Tree): Tree => ({ driver_options: [], source: "", fs_group: null, shared: false, ...parts });

/** A policy that names the layers of its containers. */
const layered =
  (edit: Edit = noEdit): Edit =>
  (policy) => {
    policy.common.image_verification = "tardev";
    for (const container of policy.containers) {
      const layers = LAYER_IDS.map((_, n) =>
        storage({ driver: "blk", fstype: "tar", options: [`$(hash${n})`], mount_point: `$(layer${n})` }),
      );
      const options = [LAYER_IDS.join(":"), HASHES.join(":")];
      const mount_point = container.OCI.Root.Path;
      const overlay = storage({ driver: "overlayfs", fstype: "fuse3.kata-overlay", options, mount_point });
      container.storages.unshift(...layers, overlay);
    }
    edit(policy);
  };

/** A request that brings them as block devices: two layers, then the overlay. */
const withLayers =
  (name: Name, edit: Edit): Edit =>
  (request) => {
    const layers = LAYER_IDS.map((id, n) =>
      storage({
        driver: "blk",
        source: `02/0${n}`,
        fstype: "tar",
        options: layerOptions(HASHES[n]!),
        mount_point: `/run/kata-containers/sandbox/layers/${id}`,
      }),
    );
    const overlay = storage({
      driver: "overlayfs",
      source: "none",
      fstype: "fuse3.kata-overlay",
      options: [
        `${OPTION}layer-src-prefix=${FOLDER}-contrast-cc-aks-clh-snp-0123abcd/layers`,
        ...LAYER_IDS.map((id, n) => `${OPTION}layer=${btoa([id, "tar", ...layerOptions(HASHES[n]!)].join(","))}`),
        `${OPTION}overlay-rw`,
        `lowerdir=${LAYER_IDS.join(":")}`,
      ],
      mount_point: `/run/kata-containers/${IDS[name]}/rootfs`,
    });
    request.storages.splice(0, 1, ...layers, overlay);
    edit(request);
  };

const refused = (title: string, edit: Edit, policy?: Edit): RuleCase =>
  denied(`layers: ${title}`, "web", withLayers("web", edit), layered(policy));
const accepted = (title: string, name: Name, edit: Edit = noEdit, policy?: Edit): RuleCase =>
  allowed(`layers: ${title}`, name, withLayers(name, edit), layered(policy));

/** Gives a container another id and a root of the given name; the overlay follows. */
const placed =
  (id: string, folder: string): Edit =>
  (request) => {
    request.container_id = id;
    request.OCI.Mounts = [];
    request.OCI.Root.Path = `/run/kata-containers/${folder}/rootfs`;
    request.storages[2].mount_point = request.OCI.Root.Path;
  };

const inOption =
  (index: number, from: string | RegExp, to: string): Edit =>
  ({ storages }) => {
    storages[2].options[index] = storages[2].options[index].replace(from, to);
  };

/** Exchanges the two layers in what a request says about one of them. */
const swapped =
  (...indices: readonly [number, number]): Edit =>
  ({ storages }) => {
    const { options } = storages[2];
    [options[indices[0]], options[indices[1]]] = [options[indices[1]], options[indices[0]]];
  };

/** What a container whose image is verified by the root hashes of its layers may be, and what it may not. */
export const layers: readonly RuleCase[] = [
  accepted("of a container", "web"),
  accepted("of pause", "pause"),
  accepted("beside volumes on block devices", "blocks"),
  accepted("of a snapshotter without Contrast's name", "web", inOption(0, /tardev.*/, "tardev/layers")),
  accepted("in another order of the storages", "web", ({ storages }) => storages.unshift(storages.splice(2, 1)[0])),
  accepted("on any device", "web", ({ storages }) => (storages[0].source = "/dev/vda")),
  accepted("of agents that know no shared storages", "web", ({ storages }) => {
    for (const each of storages) delete each.shared;
  }),

  refused("image that the guest pulls", ({ storages }) => storages.splice(0, 3, storages[0])),
  refused("image that the guest pulls beside them", ({ storages }) => {
    const mount_point = `/run/kata-containers/${IDS.web}/rootfs`;
    storages.push(
      storage({ driver: "image_guest_pull", fstype: "overlay", source: "pause", options: [], mount_point }),
    );
  }),
  refused("none", ({ storages }) => storages.splice(0, 3)),
  refused("overlay is missing", ({ storages }) => storages.splice(2, 1)),
  refused("layer is missing", ({ storages }) => storages.splice(0, 1)),
  refused("layer in place of another", ({ storages }) => (storages[0] = structuredClone(storages[1]))),
  refused("third layer", ({ storages }) => storages.push(structuredClone(storages[0]))),
  refused("layer in place of the overlay", ({ storages }) => (storages[2] = structuredClone(storages[0]))),
  refused("driver of a layer", ({ storages }) => (storages[0].driver = "scsi")),
  refused("driver options of a layer", ({ storages }) => storages[0].driver_options.push("x")),
  refused("file system of a layer", ({ storages }) => (storages[0].fstype = "ext4")),
  refused("group of a layer", ({ storages }) => (storages[0].fs_group = { group_id: 1, group_change_policy: 0 })),
  refused("shared layer", ({ storages }) => (storages[0].shared = true)),
  refused("place of a layer", ({ storages }) => (storages[0].mount_point += "x")),
  refused("writable layer", ({ storages }) => (storages[0].options[0] = "rw")),
  refused("layer that is no block device", ({ storages }) => storages[0].options.splice(1, 1)),
  refused("layer that does not say so", ({ storages }) => storages[0].options.splice(2, 1)),
  refused("layer without root hash", ({ storages }) => storages[0].options.pop()),
  refused("root hash", ({ storages }) => (storages[0].options[3] = `${OPTION}root-hash=${"00".repeat(32)}`)),
  refused("root hash of another layer", ({ storages }) => {
    [storages[0].options, storages[1].options] = [storages[1].options, storages[0].options];
  }),
  refused("second root hash", ({ storages }) => storages[0].options.push(`${OPTION}root-hash=${"00".repeat(32)}`)),

  refused("driver of the overlay", ({ storages }) => (storages[2].driver = "blk")),
  refused("source of the overlay", ({ storages }) => (storages[2].source = "/etc")),
  refused("driver options of the overlay", ({ storages }) => storages[2].driver_options.push("x")),
  refused("file system of the overlay", ({ storages }) => (storages[2].fstype = "tar")),
  refused("group of the overlay", ({ storages }) => (storages[2].fs_group = { group_id: 1, group_change_policy: 0 })),
  refused("shared overlay", ({ storages }) => (storages[2].shared = true)),
  refused("place of the overlay", ({ storages }) => (storages[2].mount_point = "/run/kata-containers/x/rootfs")),
  refused("folder of the layers", inOption(0, FOLDER, "/etc")),
  refused("folder below that of the layers", inOption(0, /$/, "/x")),
  refused("folder without its option", inOption(0, OPTION, "")),
  refused("folder of an unknown platform", inOption(0, "aks-clh-snp", "aks-clh-sev")),
  refused("text before the option of the folder", inOption(0, /^/, "x")),
  refused("layer of the overlay that is no base64", inOption(1, /layer=.*/, "layer=x")),
  refused(
    "root hash in the overlay",
    ({ storages }) =>
      (storages[2].options[1] = `${OPTION}layer=${btoa([LAYER_IDS[0], "tar", ...layerOptions("00".repeat(32))].join(","))}`),
  ),
  refused(
    "id in the overlay",
    ({ storages }) =>
      (storages[2].options[1] = `${OPTION}layer=${btoa(["x", "tar", ...layerOptions(HASHES[0]!)].join(","))}`),
  ),
  refused("order of the layers in the overlay", swapped(1, 2)),
  refused("overlay without one layer", ({ storages }) => storages[2].options.splice(1, 1)),
  refused("overlay that does not say that it can be written", ({ storages }) => storages[2].options.splice(3, 1)),
  refused("order of the lower directories", inOption(4, /=.*/, `=${LAYER_IDS.toReversed().join(":")}`)),
  refused("directory above the lower ones", ({ storages }) => storages[2].options.push("upperdir=/etc")),

  accepted("of a container of another id", "web", placed(OTHER_ID, OTHER_ID)),
  // The agent mounts nothing at a place that is taken: the second container would run in the image of the first.
  refused("at the root of another container", placed(OTHER_ID, IDS.blocks)),
  // CopyFile may write below names of this form.
  refused(
    "at a directory for files of a volume",
    placed(`${OTHER_ID}-0123456789abcdef-x`, `${OTHER_ID}-0123456789abcdef-x`),
  ),
  refused("at the root of the sandbox", placed(IDS.pause, IDS.pause)),
  denied("layers: of pause with an id of its own", "pause", withLayers("pause", placed(OTHER_ID, OTHER_ID)), layered()),

  refused("hashes are fewer than layers in the policy", noEdit, (p) => {
    policyOf(p, "web").storages[2].options[1] = HASHES[0];
  }),
  refused("no layers in the policy", noEdit, (p) => policyOf(p, "web").storages.splice(0, 3)),
  refused("other layers in the policy", noEdit, (p) => {
    policyOf(p, "web").storages[2].options[1] = ["11".repeat(32), "22".repeat(32)].join(":");
  }),
  denied(
    "layers: layer in place of a volume",
    "blocks",
    withLayers("blocks", (r) => (mountOf(r, "/a").source = r.storages[0].mount_point)),
    layered(),
  ),
  denied("layers: where the guest pulls", "web", withLayers("web", noEdit)),
  denied("layers: where no image is looked at", "web", withLayers("web", noEdit), (policy) => {
    layered()(policy);
    policy.common.image_verification = "none";
  }),
];
