import { allowed, denied, noEdit, type RuleCase } from "./rule-case.ts";

/** What no container of any pod may have. */
export const requestLevel: readonly RuleCase[] = [
  allowed("as the runtime sends it", "pause", noEdit),
  allowed("as the runtime sends it", "web", noEdit),
  allowed("as the runtime sends it", "blocks", noEdit),
  allowed("as the runtime sends it", "gpus", noEdit),
  denied("shared mounts", "web", (r) =>
    r.shared_mounts.push({ name: "x", src_ctr: "", src_path: "", dst_ctr: "", dst_path: "" }),
  ),
  denied("user by name", "web", (r) => (r.string_user = { uid: "0", gid: "0", additionalGids: [] })),
  denied("hooks", "web", (r) => (r.OCI.Hooks = { Prestart: [] })),
  denied("Solaris", "web", (r) => (r.OCI.Solaris = { dummy: "" })),
  denied("Windows", "web", (r) => (r.OCI.Windows = { dummy: "" })),
  denied("SELinux label", "web", (r) => (r.OCI.Process.SelinuxLabel = "l")),
  denied("user name", "web", (r) => (r.OCI.Process.User.Username = "root")),
  denied("UID mappings", "web", (r) => r.OCI.Linux.UIDMappings.push({ HostID: 0, ContainerID: 0, Size: 1 })),
  denied("GID mappings", "web", (r) => r.OCI.Linux.GIDMappings.push({ HostID: 0, ContainerID: 0, Size: 1 })),
  denied("mount label", "web", (r) => (r.OCI.Linux.MountLabel = "l")),
  denied("seccomp", "web", (r) => (r.OCI.Linux.Seccomp = { DefaultAction: "SCMP_ACT_ALLOW" })),
  denied("IntelRdt", "web", (r) => (r.OCI.Linux.IntelRdt = { L3CacheSchema: "" })),
  denied("device cgroup", "web", (r) => r.OCI.Linux.Resources.Devices.push({ Allow: true })),
  denied("pids limit", "web", (r) => (r.OCI.Linux.Resources.Pids = { Limit: 1 })),
  denied("block I/O", "web", (r) => (r.OCI.Linux.Resources.BlockIO = { Weight: 1 })),
  denied("network class", "web", (r) => (r.OCI.Linux.Resources.Network = { ClassID: 1 })),
  denied("two networks", "web", (r) =>
    r.OCI.Linux.Namespaces.push({ Type: "network", Path: "/a" }, { Type: "network", Path: "/b" }),
  ),
  denied("id that needs escaping", "web", (r) => (r.container_id = "a/b")),
];
