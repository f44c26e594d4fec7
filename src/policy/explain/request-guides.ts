import type { Path } from "../../kubernetes/path.ts";
import { type CheckGuide, REMEDIES } from "./check-guide.ts";

const { never, platform, restart, settings } = REMEDIES;

const process = (member: string): Path => ["OCI", "Process", member];
const linux = (member: string): Path => ["OCI", "Linux", member];
const resources = (member: string): Path => ["OCI", "Linux", "Resources", member];

function absent(title: string, path: Path, remedy: string = never): CheckGuide {
  return { title, origin: "runtime", reads: [path], remedy };
}

/** Checks of a `CreateContainerRequest` that no container of a policy can relax. */
const FEATURE_GUIDES: Readonly<Record<string, CheckGuide>> = {
  shared_mounts: absent("mounts from another container", ["shared_mounts"]),
  string_user: absent("user as text", ["string_user"]),
  rlimits: absent("core dumps", process("Rlimits"), "Take RLIMIT_CORE out of the runtime's configuration on the node."),
  cgroups_path: absent("path of the control group", linux("CgroupsPath")),
  hooks: absent("hooks", ["OCI", "Hooks"], "Take the hooks out of the runtime's configuration on the node."),
  solaris: absent("settings for Solaris", ["OCI", "Solaris"]),
  windows: absent("settings for Windows", ["OCI", "Windows"]),
  selinux_label: {
    ...absent(
      "SELinux label",
      process("SelinuxLabel"),
      "Take seLinuxOptions out of the YAML, or SELinux off the runtime.",
    ),
    origin: "workload",
    field: "securityContext.seLinuxOptions",
  },
  username: absent("user by name", ["OCI", "Process", "User", "Username"]),
  mount_label: absent(
    "SELinux label of mounts",
    linux("MountLabel"),
    "Switch SELinux off in the runtime's configuration.",
  ),
  uid_mappings: absent("mapping of users", linux("UIDMappings")),
  gid_mappings: absent("mapping of groups", linux("GIDMappings")),
  seccomp: {
    ...absent(
      "system call filter",
      linux("Seccomp"),
      "Take the profile off, or switch seccomp off for guests in Kata.",
    ),
    origin: "workload",
    field: "securityContext.seccompProfile",
  },
  intel_rdt: absent("cache allocation", linux("IntelRdt")),
  resource_devices: absent("access to devices", resources("Devices"), platform),
  resource_pids: absent("limit of processes", resources("Pids"), "Take the limit of processes off the kubelet."),
  resource_block_io: absent("limits of block devices", resources("BlockIO")),
  resource_network: absent("network classes", resources("Network")),
  network_namespaces: absent("network namespaces", linux("Namespaces"), platform),
};

/** Names of those checks. */
export const FEATURE_CHECKS: readonly string[] = Object.keys(FEATURE_GUIDES);

const history = (title: string, path: Path, remedy: string = restart): CheckGuide => ({
  title,
  origin: "history",
  reads: [path],
  remedy,
});

/** Checks against what earlier requests have settled. */
const STATE_GUIDES: Readonly<Record<string, CheckGuide>> = {
  state_sandbox_name: history("pod name of the sandbox", ["OCI", "Annotations"]),
  state_namespace: history("namespace of the sandbox", ["OCI", "Annotations"]),
  state_sandbox_id: history("id of the sandbox", ["OCI", "Annotations"]),
  state_network: history("network of the sandbox", linux("Namespaces")),
  state_container: history("container id", ["container_id"]),
  state_exec: history(
    "container that was created before",
    ["container_id"],
    "Put the request that created the container in front of this one.",
  ),
};

/** Checks of a command in a container. */
const COMMAND_GUIDES: Readonly<Record<string, CheckGuide>> = {
  command: {
    title: "command",
    origin: "workload",
    reads: [["process", "Args"]],
    field: "livenessProbe.exec.command",
    setting: "request_defaults.ExecProcessRequest",
    remedy: "Use a command of a probe or hook, or allow the command in the settings, and generate again.",
  },
  apparmor_profile: absent("AppArmor profile", ["process", "ApparmorProfile"]),
};

const setting = (title: string, path: Path, member: string): CheckGuide => ({
  title,
  origin: "settings",
  reads: [path],
  setting: member,
  remedy: settings,
});

const network = (title: string, path: Path, kind: string): CheckGuide => ({
  title,
  origin: "settings",
  reads: [path],
  setting: `request_defaults.${kind}`,
  remedy:
    "The node wires up the pod in a way that the settings forbid: look at its network plugin before the settings.",
});

/** Checks of requests that are about no container of the policy. */
const SANDBOX_GUIDES: Readonly<Record<string, CheckGuide>> = {
  sandbox_pidns: absent("process namespace of the sandbox", ["sandbox_pidns"]),
  kernel_modules: absent(
    "kernel modules",
    ["kernel_modules"],
    "Take the modules out of Kata's configuration on the node.",
  ),
  guest_hook_path: setting("guest hooks", ["guest_hook_path"], "sandbox.allowed_guest_hooks"),
  sandbox_storages: setting("storages of the sandbox", ["storages"], "sandbox.storages"),
  copy_type: absent("type of file", ["file_type"]),
  copy_path: absent("path of a file", ["path"]),
  copy_place: setting("place of a file", ["path"], "request_defaults.CopyFileRequest"),
  copy_link: absent("target of a link", ["symlink_target"]),
  interface_flags: network(
    "flags of the interface",
    ["interface", "raw_flags"],
    "UpdateInterfaceRequest.allow_raw_flags",
  ),
  interface_name: network("name of the interface", ["interface", "name"], "UpdateInterfaceRequest.forbidden_names"),
  interface_address: network(
    "address of the interface",
    ["interface", "hwAddr"],
    "UpdateInterfaceRequest.forbidden_hw_addrs",
  ),
  routes: network("routes", ["routes"], "UpdateRoutesRequest"),
  route_device: network("device of a route", ["routes"], "UpdateRoutesRequest.forbidden_device_names"),
  route_source: network("source of a route", ["routes"], "UpdateRoutesRequest.forbidden_source_regex"),
  neighbors: network("neighbors", ["neighbors"], "AddARPNeighborsRequest"),
  neighbor_device: network("device of a neighbor", ["neighbors"], "AddARPNeighborsRequest.forbidden_device_names"),
  neighbor_mask: network("mask of a neighbor", ["neighbors"], "AddARPNeighborsRequest"),
  neighbor_address: network("address of a neighbor", ["neighbors"], "AddARPNeighborsRequest.forbidden_cidrs_regex"),
  neighbor_state: network("state of a neighbor", ["neighbors"], "AddARPNeighborsRequest.allowed_states"),
  neighbor_flags: network("flags of a neighbor", ["neighbors"], "AddARPNeighborsRequest"),
};

/** Names given to refusals of requests whose answer no part of the request changes. */
const FIXED_GUIDES: Readonly<Record<string, CheckGuide>> = {
  switched_off: {
    title: "request that the settings switch off",
    origin: "settings",
    reads: [],
    setting: "request_defaults",
    remedy: settings,
  },
  never_allowed: {
    title: "request that no policy allows",
    origin: "runtime",
    reads: [],
    remedy: "No pod needs this request: look for what sends it on the node.",
  },
};

/** All checks that are not of one container alone. */
export const REQUEST_GUIDES: Readonly<Record<string, CheckGuide>> = {
  ...FEATURE_GUIDES,
  ...STATE_GUIDES,
  ...COMMAND_GUIDES,
  ...SANDBOX_GUIDES,
  ...FIXED_GUIDES,
};

/** The checks of a command that read the process as those of a container do, in its own place. */
export const PROCESS_CHECKS: ReadonlySet<string> = new Set([
  "rlimits",
  "username",
  "selinux_label",
  "capabilities",
  "cwd",
  "no_new_privileges",
  "user",
  "env",
  "terminal",
]);
