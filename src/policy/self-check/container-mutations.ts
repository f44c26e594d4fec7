import type { ContainerPolicy, PolicyData } from "../policy-data.ts";
import { gpuMutations } from "./gpu-mutations.ts";
import {
  addition,
  appended,
  change,
  type ContainerMutationInput,
  type Mutation,
  partText,
  replaced,
} from "./mutation.ts";
import { processMutations } from "./process-mutations.ts";
import type { ContainerParts } from "./runtime-requests.ts";
import { storageMutations } from "./storage-mutations.ts";

/**
 * Everything that a host could change about a container, one thing at a time. The base request carries neither mounts nor
 * variables, which may be missing; each mutation brings the one that it changes.
 */
export function containerMutations(input: ContainerMutationInput): readonly Mutation[] {
  const { parts, policy, data } = input;
  return [
    ...identityMutations(input),
    ...processMutations(parts.process, policy, data.request_defaults),
    ...linuxMutations(policy),
    ...deviceMutations(input),
    ...gpuMutations(input),
    ...runtimeFeatureMutations(policy, data),
    ...rootMutations(input),
    ...mountMutations(input),
    ...storageMutations(input),
  ];
}

function identityMutations({ pod, model, policy }: ContainerMutationInput): readonly Mutation[] {
  const annotations = policy.OCI.Annotations ?? new Map<string, string>();
  const at = (key: string): string => `/OCI/Annotations/${key.replaceAll("/", "~1")}`;
  const cri = (name: string): string => at(`io.kubernetes.cri.${name}`);
  const name = annotations.get("io.kubernetes.cri.sandbox-name");
  const keys = partText([[...annotations.keys()], policy.runtime_anno_patterns]);
  const otherType = model.isPause ? ["container", "pod_container"] : ["sandbox", "pod_sandbox"];
  return [
    change("pod name", model.isPause ? (name ?? "") : "state", cri("sandbox-name"), `x${pod.name}`),
    change("sandbox id", annotations.get("io.kubernetes.cri.sandbox-id") ?? "", cri("sandbox-id"), "../escape"),
    ...(pod.namespaceGiven || !model.isPause
      ? [change("namespace", pod.namespaceGiven ? pod.namespace : "state", cri("sandbox-namespace"), "elsewhere")]
      : []),
    {
      check: "container type",
      part: keys,
      patch: [
        replaced(cri("container-type"), otherType[0] ?? ""),
        replaced(at("io.katacontainers.pkg.oci.container_type"), otherType[1] ?? ""),
      ],
    },
    {
      check: "unknown annotation",
      part: keys,
      patch: [{ op: "add", path: at("io.katacontainers.config.agent.added"), value: "true" }],
    },
    change("process namespace", String(policy.sandbox_pidns), "/sandbox_pidns", !policy.sandbox_pidns),
    change("container id with a slash", "", "/container_id", "../../escape"),
    ...(model.isPause
      ? [
          change("log directory", "", cri("sandbox-log-directory"), "/var/log"),
          change("network namespace of the host", "", at("nerdctl/network-namespace"), "/proc/1/ns/net"),
        ]
      : [
          change("container name", keys, cri("container-name"), `${model.container.name}-x`),
          change("id of another container", "state", "/container_id", pod.sandboxId),
          ...(pod.runtime.isContrast
            ? [change("id of another sandbox", "state", cri("sandbox-id"), "0".repeat(64))]
            : []),
        ]),
    ...(pod.runtime.isContrast || pod.runtime.isAks
      ? [change("id apart from the root", "", "/container_id", "0".repeat(64))]
      : []),
  ];
}

function linuxMutations({ OCI: { Linux } }: ContainerPolicy): readonly Mutation[] {
  const path = "/OCI/Linux";
  const hidden = partText([Linux.MaskedPaths, Linux.ReadonlyPaths]);
  return [
    change("namespace of the host", "", `${path}/Namespaces/0/Path`, "/proc/1/ns/ipc"),
    addition("added namespace", "", `${path}/Namespaces`, { Type: "user", Path: "" }),
    addition("network of its own", "", `${path}/Namespaces`, { Type: "network", Path: "" }),
    change("cgroup that climbs", "", `${path}/CgroupsPath`, "/../added"),
    addition("hidden file of the image", hidden, `${path}/MaskedPaths`, "/etc/added"),
    addition("hidden file behind a link", hidden, `${path}/MaskedPaths`, "/proc/self/root/etc/added"),
    addition("read-only file of the image", hidden, `${path}/ReadonlyPaths`, "/etc/added"),
    addition("core dumps", "", "/OCI/Process/Rlimits", { Type: "RLIMIT_CORE", Hard: 1, Soft: 1 }),
    addition("added device node", partText(Linux.Devices), `${path}/Devices`, {
      Path: "/dev/added",
      Type: "b",
      Major: 8,
      Minor: 0,
    }),
    {
      check: "added kernel parameter",
      part: partText(Linux.Sysctl ?? []),
      patch: [{ op: "add", path: `${path}/Sysctl/kernel.core_pattern`, value: "|/bin/added" }],
    },
    change("root propagation", "", `${path}/RootfsPropagation`, "shared"),
    ...(Linux.MaskedPaths.length === 0
      ? []
      : [change("visible kernel files", partText(Linux.MaskedPaths), `${path}/MaskedPaths`, [])]),
    ...(Linux.ReadonlyPaths.length === 0
      ? []
      : [
          {
            check: "writable kernel files",
            part: hidden,
            patch: [replaced(`${path}/ReadonlyPaths`, []), replaced(`${path}/MaskedPaths`, Linux.MaskedPaths)],
          },
        ]),
  ];
}

/** A device file gets its numbers from the device that goes with it, found by its address. */
function deviceMutations({ model, policy }: ContainerMutationInput): readonly Mutation[] {
  const part = partText([policy.devices, policy.OCI.Linux.Devices]);
  if ((model.container.volumeDevices ?? []).length === 0) return [];
  return [
    change("device file without a device", part, "/devices", []),
    change("character device", part, "/OCI/Linux/Devices/0/Type", "c"),
    change("driver that takes any file", part, "/devices/0/type_", "nvdimm"),
  ];
}

/** Features that no pod can ask for. */
function runtimeFeatureMutations(policy: ContainerPolicy, { common }: PolicyData): readonly Mutation[] {
  const hook = { Path: "/added", Args: [], Env: [], Timeout: 0 };
  return [
    change("hooks", "", "/OCI/Hooks", { Prestart: [hook] }),
    change("system call filter", "", "/OCI/Linux/Seccomp", { DefaultAction: "SCMP_ACT_ALLOW" }),
    addition("user mapping", "", "/OCI/Linux/UIDMappings", { HostID: 0, ContainerID: 0, Size: 1 }),
    addition("device access", "", "/OCI/Linux/Resources/Devices", { Allow: true, Type: "a", Access: "rwm" }),
    addition("shared mount", "", "/shared_mounts", {
      name: "m",
      src_ctr: "a",
      src_path: "/",
      dst_ctr: "b",
      dst_path: "/",
    }),
    change("user as text", "", "/string_user", { uid: "0", gid: "0", additionalGids: [] }),
    addition("added device", partText(policy.devices), "/devices", {
      id: "",
      type_: "blk",
      vm_path: "",
      container_path: "/dev/added",
      options: [],
    }),
    ...(common.check_oci_version ? [change("OCI version", policy.OCI.Version, "/OCI/Version", "0.9.0")] : []),
  ];
}

/** The image goes where the root is, so both are moved. */
function rootMutations({ parts, policy, data }: ContainerMutationInput): readonly Mutation[] {
  const part = partText([policy.OCI.Root, data.common.root_path]);
  const moved = (check: string, path: string): Mutation => ({
    check,
    part,
    patch: [
      replaced("/OCI/Root/Path", path),
      ...parts.storages.flatMap((storage, index) =>
        storage["mount_point"] === parts.rootPath ? [replaced(`/storages/${index}/mount_point`, path)] : [],
      ),
    ],
  });
  return [
    moved("path before the root", `/tmp${parts.rootPath}`),
    moved("path behind the root", `${parts.rootPath}/../../..`),
    change("writable root", part, "/OCI/Root/Readonly", !policy.OCI.Root.Readonly),
  ];
}

function mountMutations({ model, parts, policy }: ContainerMutationInput): readonly Mutation[] {
  const part = partText([policy.OCI.Mounts, policy.storages]);
  const find = (destination: string) => parts.mounts.find((mount) => mount.destination === destination);
  const [proc, resolv] = [find("/proc"), find("/etc/resolv.conf")];
  const shared = resolv ?? parts.mounts.find(({ source }) => source.includes(model.id));
  const readOnly = parts.mounts.find(({ options }) => options.includes("ro") && options.includes("rbind"));
  const added = {
    destination: "/usr/bin",
    source: "/run/kata-containers/shared/containers",
    type_: "bind",
    options: ["rbind", "rw"],
  };
  const mount = (check: string, value: typeof added): Mutation => addition(check, part, "/OCI/Mounts", { ...value });
  const changed = (check: string, of: ContainerParts["mounts"][number] | undefined, edit: object): Mutation[] =>
    of === undefined ? [] : [mount(check, { ...of, options: [...of.options], ...edit })];
  return [
    mount("added mount", added),
    ...changed("source before a literal one", proc, { source: `/tmp/${proc?.source ?? ""}` }),
    ...changed("mount type", proc, { type_: "bind" }),
    ...changed("mount option", proc, { options: ["nosuid", "noexec"] }),
    ...changed("mount destination", shared, { destination: "/bin" }),
    ...changed("source behind a shared file", shared, { source: `${shared?.source ?? ""}/../../../rootfs` }),
    ...changed("source before a shared file", shared, { source: `/tmp${shared?.source ?? ""}` }),
    ...changed("source of another container", shared, {
      source: (shared?.source ?? "").replaceAll(model.id, "0".repeat(64)),
    }),
    ...changed("writable mount", readOnly, {
      options: readOnly?.options.map((option) => (option === "ro" ? "rw" : option)),
    }),
    ...(proc === undefined
      ? []
      : [{ check: "mount given twice", part, patch: [appended("/OCI/Mounts", proc), appended("/OCI/Mounts", proc)] }]),
  ];
}
