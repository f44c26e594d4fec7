/** A tree of plain JSON that tests change in place. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests reach into deep requests and policies by name
export type Tree = any;

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
export const DIGEST = `sha256:${"5d".repeat(32)}`;

const CAPS = ["CHOWN", "DAC_OVERRIDE", "KILL", "NET_BIND_SERVICE"];

const process = (): Tree => ({
  Terminal: false,
  User: { UID: 0, GID: 0, AdditionalGids: [0], Username: "" },
  Args: ["/run"],
  Env: ["PATH=/bin"],
  Cwd: "/",
  Capabilities: {
    Ambient: [],
    Bounding: ["$(default_caps)"],
    Effective: ["$(default_caps)"],
    Inheritable: [],
    Permitted: ["$(default_caps)"],
  },
  NoNewPrivileges: false,
});

const linux = (): Tree => ({
  Namespaces: ["ipc", "uts", "mount"].map((Type) => ({ Type, Path: "" })),
  MaskedPaths: ["/proc/acpi", "/proc/kcore"],
  ReadonlyPaths: ["/proc/asound", "/proc/bus"],
  Devices: [],
  Sysctl: { "net.ipv4.ip_unprivileged_port_start": "0" },
});

const mount = (destination: string, source: string, type_: string, options: string): Tree => ({
  destination,
  source,
  type_,
  options: options.split(" "),
});

const baseMounts = (): Tree => [
  mount("/proc", "proc", "proc", "nosuid noexec nodev"),
  mount("/dev/shm", "/run/kata-containers/sandbox/shm", "bind", "rbind"),
  mount("/sys", "sysfs", "sysfs", "nosuid noexec nodev ro"),
];

const annotations = (type: string): Tree => ({
  "io.katacontainers.pkg.oci.bundle_path": "/run/containerd/io.containerd.runtime.v2.task/k8s.io/$(bundle-id)",
  "io.katacontainers.pkg.oci.container_type": type === "sandbox" ? "pod_sandbox" : "pod_container",
  "io.kubernetes.cri.container-type": type,
  "io.kubernetes.cri.sandbox-id": "^[a-z0-9]{64}$",
  "io.kubernetes.cri.sandbox-name": "^web-[a-z0-9]{5}$",
  "io.kubernetes.cri.sandbox-namespace": "shop",
  "example.com/tier": "gold",
});

const storage = (driver: string, fstype: string, source: string, mount_point: string, options: string[]): Tree => ({
  driver,
  driver_options: [],
  source,
  fstype,
  options,
  mount_point,
  fs_group: null,
  shared: false,
});

const scratch = (): Tree => ({
  ...storage("", "ext4", "", "$(spath)/$(b64_device_id)", []),
  driver_options: ["encryption_key=ephemeral", "create_filesystem"],
  shared: true,
});

function pause(): Tree {
  const oci = {
    Version: "1.1.0",
    Process: { ...process(), Args: ["/pause"], NoNewPrivileges: true },
    Root: { Path: "$(root_path)", Readonly: true },
    Mounts: baseMounts(),
    Annotations: {
      ...annotations("sandbox"),
      "io.kubernetes.cri.sandbox-log-directory": `^/var/log/pods/$(sandbox-namespace)_$(sandbox-name)_${UUID}$`,
      "nerdctl/network-namespace": `^/var/run/netns/cni-${UUID}$`,
    },
    Linux: linux(),
  };
  return {
    OCI: oci,
    storages: [],
    devices: [],
    sandbox_pidns: false,
    exec_commands: [],
    image: "registry.example/pause:3.6",
    runtime_anno_patterns: {},
  };
}

function container(name: string): Tree {
  const oci = {
    Version: "1.1.0",
    Process: process(),
    Root: { Path: "$(root_path)", Readonly: false },
    Mounts: [
      ...baseMounts(),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid noexec nodev relatime ro"),
      mount("/etc/hosts", "$(sfprefix)hosts$", "bind", "rbind rprivate rw"),
    ],
    Annotations: { ...annotations("container"), "io.kubernetes.cri.container-name": name },
    Linux: linux(),
  };
  return {
    OCI: oci,
    storages: [],
    devices: [],
    sandbox_pidns: false,
    exec_commands: [],
    image: `registry.example/${name}:1@${DIGEST}`,
    runtime_anno_patterns: { "^io\\.kubernetes\\.container\\.terminationMessagePath$": "^/.*$" },
  };
}

/** The container with a bit of everything that the runtime of Kata 3.13 sends. */
function web(): Tree {
  const web = container("web");
  web.OCI.Process.Args = ["/web", "--node=$(node-name)", "http://$(pod-ip):80/$(sandbox-namespace)/$(sandbox-name)"];
  web.OCI.Process.Env.push(
    "HOSTNAME=$(host-name)",
    "POD_UID=$(pod-uid)",
    "ADDRESS=$(pod-ip)",
    "ADDRESSES=$(pod-ips)",
    "CPUS=$(resource-field)",
    "NOTE=$(todo-annotation)",
    "URL=http://$(host-ip):80/?a=b&pod=$(sandbox-name)",
    "LITERAL=a.c $(date) [x]",
    "SELF=$(host-name)",
    "HOSTS=$(host-ips)",
  );
  web.OCI.Mounts.push(
    mount("/data", "^$(cpath)/$(sandbox-id)/rootfs/local/data$", "local", "rbind rshared rw"),
    mount("/cache", "^/run/kata-containers/sandbox/ephemeral/cache$", "bind", "rbind rprivate rw"),
    mount("/config", "$(sfprefix)config$", "bind", "rbind rprivate ro"),
  );
  web.storages = [
    storage("local", "local", "local", "^$(cpath)/$(sandbox-id)/rootfs/local/data$", ["mode=0777"]),
    storage("ephemeral", "tmpfs", "tmpfs", "^/run/kata-containers/sandbox/ephemeral/cache$", []),
    storage(
      "watchable-bind",
      "bind",
      "$(sfprefix)config$",
      "^$(cpath)/(watchable/)?$(bundle-id)-[a-z0-9]{16}-config$",
      ["ro"],
    ),
  ];
  web.devices = [{ id: "", type_: "", vm_path: "", container_path: "/dev/xvda", options: [] }];
  web.OCI.Linux.Devices = [{ Type: "", Path: "/dev/xvda" }];
  web.exec_commands = [["/probe", "--live now"]];
  return web;
}

function blocks(): Tree {
  const blocks = container("blocks");
  blocks.OCI.Mounts.push(mount("/a", "", "bind", "rbind rprivate rw"), mount("/b", "", "bind", "rbind rprivate rw"));
  blocks.storages = [scratch(), scratch()];
  return blocks;
}

function gpus(): Tree {
  const gpus = container("gpus");
  const device = { id: "", type_: "vfio-pci-gk", vm_path: "", container_path: "/dev/vfio/devices/vfio", options: [] };
  gpus.devices = [device, structuredClone(device)];
  gpus.runtime_anno_patterns["^cdi\\.k8s\\.io/vfio[0-9]+$"] = "^nvidia\\.com/gpu=[0-9]+$";
  return gpus;
}

/** Index of each container in `rulePolicy().containers`. */
export const CONTAINERS = { pause: 0, web: 1, blocks: 2, gpus: 3 } as const;

/** A policy that is written down by hand, independent of the code that derives policies. */
export function rulePolicy(): Tree {
  return {
    containers: [pause(), web(), blocks(), gpus()],
    common: {
      cpath: "/run/kata-containers/shared/containers",
      root_path: "/run/kata-containers/$(bundle-id)/rootfs",
      sfprefix: "^$(cpath)/$(bundle-id)-[a-z0-9]{16}-",
      spath: "/run/kata-containers/sandbox/storage",
      ipv4_a: "([0-9]{1,3}\\.){3}[0-9]{1,3}",
      ip_p: "[0-9]{1,5}",
      svc_name_downward_env: "[A-Z](?:[A-Z0-9_]{0,61}[A-Z0-9])?",
      dns_label: "[a-zA-Z0-9_\\.\\-]+",
      default_caps: CAPS.map((name) => `CAP_${name}`),
      privileged_caps: [...CAPS, "SYS_ADMIN"].map((name) => `CAP_${name}`),
      dynamic_annotations: { "^cdi\\.k8s\\.io\\/gpu[0-9]{2}$": "^nvidia.com/gpu=[0-9]+$" },
      image_verification: "guest-pull",
      check_oci_version: true,
    },
    sandbox: {
      storages: [storage("ephemeral", "tmpfs", "shm", "/run/kata-containers/sandbox/shm", ["mode=1777"])],
      allowed_guest_hooks: ["/usr/share/oci/hooks"],
    },
    request_defaults: {
      CreateContainerRequest: {
        allow_env_regex: [
          "^HOSTNAME=$(dns_label)$",
          "^$(svc_name_downward_env)_SERVICE_HOST=$(ipv4_a)$",
          "^$(svc_name_downward_env)_SERVICE_PORT_$(dns_label)=$(ip_p)$",
        ],
      },
      CopyFileRequest: ["$(sfprefix)"],
      ExecProcessRequest: { allowed_commands: [["/bin/ls"]], regex: ["^/bin/cat /etc/[a-z]+$"] },
      UpdateRoutesRequest: { forbidden_device_names: ["lo"], forbidden_source_regex: ["^127\\."] },
      UpdateInterfaceRequest: {
        allow_raw_flags: 128,
        forbidden_names: ["lo"],
        forbidden_hw_addrs: ["00:00:00:00:00:00"],
      },
      AddARPNeighborsRequest: {
        forbidden_device_names: ["lo"],
        forbidden_cidrs_regex: ["^127\\."],
        allowed_states: [2, 128],
      },
      CloseStdinRequest: false,
      ReadStreamRequest: true,
      UpdateEphemeralMountsRequest: false,
      WriteStreamRequest: false,
      GetDiagnosticDataRequest: false,
    },
    devices: { vfio: { device_path: "/dev/vfio/devices/vfio", nvidia: {} } },
    cluster_config: { cgroup_mount_extras_allowed: ["nsdelegate"] },
  };
}
