import { CONTAINERS, DIGEST } from "../rule-policy.ts";
import { editImageMetadata, IDS, SHARED } from "../rule-requests.ts";
import { allowed, denied, type Edit, mountOf, noEdit, policyOf, type RuleCase } from "./rule-case.ts";

const CRI = "io.kubernetes.cri.";

const named =
  (reference: string): Edit =>
  (request) => {
    request.storages[0].source = reference;
    editImageMetadata(request, (metadata) => (metadata[`${CRI}image-name`] = reference));
  };

const unpinned =
  (reference: string): Edit =>
  (policy) => {
    policy.containers[CONTAINERS.web].image = reference;
  };

/** A directory in the memory of the guest. */
const MEMORY = {
  driver: "ephemeral",
  driver_options: [],
  source: "tmpfs",
  fstype: "tmpfs",
  options: [],
  mount_point: "/run/kata-containers/sandbox/ephemeral/memory",
  fs_group: null,
  shared: true,
};
const withMemory: Edit = (request) => request.storages.push({ ...MEMORY });
const policyWithMemory: Edit = (policy) => policyOf(policy, "blocks").storages.push({ ...MEMORY });

export const image: readonly RuleCase[] = [
  denied("no image", "web", (r) => r.storages.shift()),
  denied("two images", "web", (r) => r.storages.push(structuredClone(r.storages[0]))),
  denied("file system of the image", "web", (r) => (r.storages[0].fstype = "ext4")),
  denied("options of the image", "web", (r) => r.storages[0].options.push("x")),
  denied("group of the image", "web", (r) => (r.storages[0].fs_group = { group_id: 1, group_change_policy: 0 })),
  denied("shared image", "web", (r) => (r.storages[0].shared = true)),
  denied("place of the image", "web", (r) => (r.storages[0].mount_point = `/run/kata-containers/${IDS.blocks}/rootfs`)),
  denied("second option of the image", "web", (r) => r.storages[0].driver_options.push("x")),
  denied("other option of the image", "web", (r) => {
    r.storages[0].driver_options[0] = r.storages[0].driver_options[0].replace("image_guest_pull=", "");
  }),
  denied("metadata that are not JSON", "web", (r) => (r.storages[0].driver_options = ["image_guest_pull={"])),
  denied("text behind the metadata", "web", (r) => (r.storages[0].driver_options[0] += "x")),
  denied(
    "digest of the source",
    "web",
    (r) => (r.storages[0].source = `registry.example/web@sha256:${"00".repeat(32)}`),
  ),
  denied("digest of the name", "web", (r) =>
    editImageMetadata(r, (m) => (m[`${CRI}image-name`] = `registry.example/web@sha256:${"00".repeat(32)}`)),
  ),
  denied("no name", "web", (r) => editImageMetadata(r, (m) => delete m[`${CRI}image-name`])),
  ...["registry.example/web:1", "web"].map((reference) =>
    denied(`${reference} without digest`, "web", named(reference), unpinned(reference)),
  ),
  denied("no digest where the policy has one", "web", named("registry.example/web:1")),
  denied("digest where the policy has none", "web", noEdit, unpinned("registry.example/web")),
  denied("two digests", "web", (r) => (r.storages[0].source = `a@${DIGEST}@b`)),
  denied(
    "a digest that is none",
    "web",
    (r) => {
      r.storages[0].source = "registry.example/web@latest";
      editImageMetadata(r, (m) => (m[`${CRI}image-name`] = "registry.example/web@latest"));
    },
    (p) => (policyOf(p, "web").image = "registry.example/web:1@latest"),
  ),
  denied(
    "image of a container for pause",
    "pause",
    (r) => {
      r.storages[0].source = `registry.example/pause@${DIGEST}`;
      editImageMetadata(r, (m) => {
        m[`${CRI}container-type`] = "container";
        m[`${CRI}image-name`] = `registry.example/pause@${DIGEST}`;
      });
    },
    (p) => (policyOf(p, "pause").image = `registry.example/pause:3.6@${DIGEST}`),
  ),
  denied("pause image for a container", "web", (r) => {
    r.storages[0].source = "pause";
    editImageMetadata(r, (m) => {
      m[`${CRI}container-type`] = "sandbox";
      delete m[`${CRI}image-name`];
    });
  }),
  denied("metadata of a sandbox with the right image", "web", (r) =>
    editImageMetadata(r, (m) => (m[`${CRI}container-type`] = "sandbox")),
  ),
  denied("other image for pause", "pause", (r) => (r.storages[0].source = `registry.example/web@${DIGEST}`)),
  denied("metadata of a container for pause", "pause", (r) =>
    editImageMetadata(r, (m) => (m[`${CRI}container-type`] = "container")),
  ),
  denied("image name for pause", "pause", (r) => editImageMetadata(r, (m) => (m[`${CRI}image-name`] = "x"))),
  allowed("mirror of the registry", "web", (r) => (r.storages[0].source = `mirror.example/web:2@${DIGEST}`)),
  allowed(
    "no image where none is looked at",
    "web",
    (r) => r.storages.shift(),
    (p) => (p.common.image_verification = "none"),
  ),
  allowed(
    "any image where none is looked at",
    "web",
    (r) => (r.storages[0].source = "x"),
    (p) => (p.common.image_verification = "none"),
  ),
  denied(
    "place of an image that is not looked at",
    "web",
    (r) => (r.storages[0].mount_point = "/x"),
    (p) => (p.common.image_verification = "none"),
  ),
  denied(
    "two images where none is looked at",
    "web",
    (r) => r.storages.push(structuredClone(r.storages[0])),
    (p) => (p.common.image_verification = "none"),
  ),
  denied("verification of an unknown kind", "web", noEdit, (p) => (p.common.image_verification = "new")),
];

export const storages: readonly RuleCase[] = [
  denied("extra storage", "web", (r) => r.storages.push(structuredClone(r.storages[1]))),
  denied("storage is missing", "web", (r) => r.storages.pop()),
  denied("same storage in place of another", "web", (r) => (r.storages[2] = structuredClone(r.storages[1]))),
  denied("driver", "web", (r) => (r.storages[1].driver = "ephemeral")),
  denied("source of a storage", "web", (r) => (r.storages[1].source = "/")),
  denied("file system of a storage", "web", (r) => (r.storages[1].fstype = "ext4")),
  denied("options of a storage", "web", (r) => (r.storages[1].options = ["mode=0666"])),
  denied("driver options of a storage", "web", (r) => (r.storages[1].driver_options = ["x"])),
  denied("group of a storage", "web", (r) => (r.storages[1].fs_group = { group_id: 1, group_change_policy: 0 })),
  denied("shared storage", "web", (r) => (r.storages[1].shared = true)),
  denied("place of a storage", "web", (r) => (r.storages[1].mount_point += "x")),
  allowed("watched files", "web", (r) =>
    r.storages.push({
      driver: "watchable-bind",
      driver_options: [],
      source: `${SHARED}/${IDS.web}-0123456789abcdef-config`,
      fstype: "bind",
      options: ["ro"],
      mount_point: `${SHARED}/watchable/${IDS.web}-0123456789abcdef-config`,
      fs_group: null,
      shared: false,
    }),
  ),
  denied("watched files from elsewhere", "web", (r) =>
    r.storages.push({
      driver: "watchable-bind",
      driver_options: [],
      source: "/etc",
      fstype: "bind",
      options: ["ro"],
      mount_point: `${SHARED}/watchable/${IDS.web}-0123456789abcdef-config`,
      fs_group: null,
      shared: false,
    }),
  ),
  allowed("requests of agents that know no shared storages", "web", (r) => {
    for (const storage of r.storages) delete storage.shared;
  }),
  allowed("SCSI devices", "blocks", (r) => {
    for (const [index, storage] of r.storages.slice(1).entries()) {
      storage.driver = "scsi";
      storage.source = `0:1${index}`;
      storage.mount_point = `/run/kata-containers/sandbox/storage/${btoa(storage.source)}`;
      r.OCI.Mounts.at(index - 2).source = storage.mount_point;
    }
  }),
  allowed("block device on one bridge", "blocks", (r) => {
    r.storages[1].source = "ff";
    r.storages[1].mount_point = "/run/kata-containers/sandbox/storage/ZmY=";
    mountOf(r, "/a").source = r.storages[1].mount_point;
  }),
  denied("address of a block device", "blocks", (r) => {
    r.storages[1].source = "00/0g";
    r.storages[1].mount_point = `/run/kata-containers/sandbox/storage/${btoa("00/0g")}`;
    mountOf(r, "/a").source = r.storages[1].mount_point;
  }),
  denied("address of another kind of device", "blocks", (r) => (r.storages[1].driver = "scsi")),
  denied("place of a block device", "blocks", (r) => {
    r.storages[1].mount_point = "/run/kata-containers/sandbox/storage/AAAA";
    mountOf(r, "/a").source = r.storages[1].mount_point;
  }),
  denied("block device in place of another driver", "blocks", noEdit, (p) => {
    for (const storage of policyOf(p, "blocks").storages) storage.driver = "nvdimm";
  }),
  denied("block device that another driver mounts a second time", "blocks", (r) => {
    r.storages[2] = { ...r.storages[1], driver: "nvdimm" };
    mountOf(r, "/b").source = r.storages[1].mount_point;
  }),
  allowed("memory beside block devices", "blocks", withMemory, policyWithMemory),
  denied(
    "memory in place of a block device",
    "blocks",
    (r) => {
      withMemory(r);
      mountOf(r, "/b").source = MEMORY.mount_point;
    },
    policyWithMemory,
  ),
  denied("unencrypted block device", "blocks", (r) => r.storages[1].driver_options.shift()),
  denied("options of a block device", "blocks", (r) => r.storages[1].options.push("x")),
  denied("file system of a block device", "blocks", (r) => (r.storages[1].fstype = "xfs")),
];
