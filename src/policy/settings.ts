import * as v from "valibot";

const strings = v.array(v.string());
const stringMap = v.record(v.string(), v.string());

/** A storage as the guest agent mounts it; the member order is the one of `policy_data`. */
const storage = v.object({
  driver: v.string(),
  driver_options: v.optional(strings, []),
  source: v.string(),
  fstype: v.string(),
  options: strings,
  mount_point: v.string(),
  fs_group: v.optional(v.nullable(v.object({ group_id: v.number(), group_change_policy: v.number() })), null),
  shared: v.optional(v.boolean(), false),
});

const templateMount = v.object({
  destination: v.string(),
  type_: v.string(),
  /** Absent: the file that the runtime shares under the last path component of the destination. */
  source: v.optional(v.string(), ""),
  options: strings,
});

/** What every container of a kind has in common: a partial OCI runtime specification. */
const containerTemplate = v.object({
  Root: v.object({ Path: v.string() }),
  Mounts: v.array(templateMount),
  Annotations: v.optional(stringMap, {}),
  Process: v.optional(v.object({ Args: v.optional(strings, []), Env: v.optional(strings, []) }), {}),
  Linux: v.optional(
    v.object({
      MaskedPaths: v.optional(strings, []),
      ReadonlyPaths: v.optional(strings, []),
      Devices: v.optional(v.array(v.object({ Type: v.optional(v.string(), ""), Path: v.string() })), []),
      Sysctl: v.optional(stringMap, {}),
    }),
    {},
  ),
});

const emptyDirTemplate = v.object({
  mount_type: v.string(),
  mount_source: v.string(),
  mount_point: v.string(),
  driver: v.string(),
  driver_options: v.optional(strings, []),
  source: v.string(),
  fstype: v.string(),
  options: strings,
  shared: v.optional(v.boolean(), false),
});

const configMapTemplate = v.object({
  mount_type: v.string(),
  mount_source: v.string(),
  mount_point: v.string(),
  driver: v.string(),
  fstype: v.string(),
  options: strings,
});

const imageVolumeTemplate = v.object({
  mount_type: v.string(),
  mount_source: v.string(),
  fstype: v.string(),
  options: strings,
});

const volumes = v.object({
  emptyDir: emptyDirTemplate,
  emptyDir_encrypted: emptyDirTemplate,
  emptyDir_plain: emptyDirTemplate,
  emptyDir_memory: emptyDirTemplate,
  configMap: configMapTemplate,
  image_volume: imageVolumeTemplate,
});

/** How the rules tie a container to its image: not at all, by digest of the guest pull, or by layer root hashes. */
const imageVerification = v.picklist(["none", "guest-pull", "tardev"]);

const common = v.object({
  cpath: v.string(),
  root_path: v.string(),
  sfprefix: v.string(),
  spath: v.string(),
  ipv4_a: v.string(),
  ip_p: v.string(),
  svc_name_downward_env: v.string(),
  dns_label: v.string(),
  default_caps: strings,
  privileged_caps: strings,
  dynamic_annotations: stringMap,
  image_verification: imageVerification,
  check_oci_version: v.boolean(),
});

const requestDefaults = v.object({
  CreateContainerRequest: v.object({ allow_env_regex: strings }),
  CopyFileRequest: strings,
  ExecProcessRequest: v.object({ allowed_commands: v.array(strings), regex: strings }),
  UpdateRoutesRequest: v.object({ forbidden_device_names: strings, forbidden_source_regex: strings }),
  UpdateInterfaceRequest: v.object({
    allow_raw_flags: v.pipe(v.number(), v.integer(), v.minValue(0)),
    forbidden_names: strings,
    forbidden_hw_addrs: strings,
  }),
  AddARPNeighborsRequest: v.object({
    forbidden_device_names: strings,
    forbidden_cidrs_regex: strings,
    allowed_states: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  CloseStdinRequest: v.boolean(),
  ReadStreamRequest: v.boolean(),
  UpdateEphemeralMountsRequest: v.boolean(),
  WriteStreamRequest: v.boolean(),
  GetDiagnosticDataRequest: v.boolean(),
});

const devices = v.object({
  vfio: v.object({
    /** Whether GPUs are there when the VM starts; requests then name them by annotations alone. */
    cold_plug: v.optional(v.boolean(), false),
    device_path: v.string(),
    anno_key_regex: v.string(),
    nvidia: v.object({
      gpu_anno_value_regex: v.string(),
      gpu_gk_device_type: v.string(),
      pgpu_resource_keys: strings,
    }),
  }),
});

/**
 * Shape of the settings file. Unknown keys are dropped; the parsed objects carry their members in the order in which
 * `policy_data` shows them, whatever the order of the file.
 */
export const settingsSchema = v.object({
  pause_container: containerTemplate,
  other_container: containerTemplate,
  volumes,
  mount_destinations: strings,
  sandbox: v.object({ storages: v.array(storage), allowed_guest_hooks: strings }),
  common,
  kata_config: v.object({ oci_version: v.string(), enable_configmap_secret_storages: v.boolean() }),
  cluster_config: v.object({
    pause_container_image: v.string(),
    guest_pull: v.boolean(),
    emptydir_type: v.picklist(["block-encrypted", "block-plain", "shared-fs", "local"]),
    cgroup_mount_extras_allowed: v.optional(strings, ["nsdelegate", "memory_recursiveprot"]),
  }),
  request_defaults: requestDefaults,
  devices,
});

/**
 * What a policy is made with beside the workload itself: templates, constants and switches of the cluster.
 *
 * @see Kata Containers `genpolicy-settings.json`
 */
export type Settings = v.InferOutput<typeof settingsSchema>;

/** What all containers of one kind have in common. */
export type ContainerTemplate = Settings["pause_container"];
/** How one form of an emptyDir reaches the guest. */
export type EmptyDirTemplate = Settings["volumes"]["emptyDir"];
