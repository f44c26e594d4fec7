import { createContainer } from "../rule-requests.ts";
import { allowed, denied, policyOf, type RuleCase } from "./rule-case.ts";

export const linuxCases: readonly RuleCase[] = [
  denied("namespace is missing", "web", (r) => r.OCI.Linux.Namespaces.pop()),
  denied("extra namespace", "web", (r) => r.OCI.Linux.Namespaces.push({ Type: "pid", Path: "" })),
  denied("namespace of a path", "web", (r) => (r.OCI.Linux.Namespaces[0].Path = "/proc/1/ns/ipc")),
  allowed("network and cgroup namespaces, other spelling", "web", (r) => {
    r.OCI.Linux.Namespaces[2].Type = "mnt";
    r.OCI.Linux.Namespaces.push({ Type: "network", Path: "/run/netns/podns" }, { Type: "cgroup", Path: "" });
  }),
  denied("mount propagation that no volume has", "web", (r) => (r.OCI.Linux.RootfsPropagation = "rslave")),
  denied("mount propagation that is no propagation", "web", (r) => (r.OCI.Linux.RootfsPropagation = "rbind")),
  allowed("mount propagation of a volume", "web", (r) => (r.OCI.Linux.RootfsPropagation = "rshared")),
  denied("masked path is missing", "web", (r) => r.OCI.Linux.MaskedPaths.pop()),
  allowed("more masked paths", "web", (r) => r.OCI.Linux.MaskedPaths.push("/sys/devices/virtual/powercap")),
  denied("read-only path is missing", "web", (r) => r.OCI.Linux.ReadonlyPaths.pop()),
  allowed("read-only path is masked", "web", (r) => r.OCI.Linux.MaskedPaths.push(r.OCI.Linux.ReadonlyPaths.shift())),
  denied("device file", "web", (r) => r.OCI.Linux.Devices.push({ Path: "/dev/mem", Type: "c" })),
  denied("kernel setting", "web", (r) => (r.OCI.Linux.Sysctl["kernel.core_pattern"] = "|/x")),
  denied(
    "other value of a kernel setting",
    "web",
    (r) => (r.OCI.Linux.Sysctl["net.ipv4.ip_unprivileged_port_start"] = "1"),
  ),
  allowed("no kernel settings", "web", (r) => (r.OCI.Linux.Sysctl = {})),
  denied("device", "web", (r) => (r.devices[0].container_path = "/dev/xvdb")),
];

export const gpuCases: readonly RuleCase[] = [
  denied("other number in an annotation", "gpus", (r) => {
    r.OCI.Annotations["cdi.k8s.io/vfio5"] = r.OCI.Annotations["cdi.k8s.io/vfio4"];
    delete r.OCI.Annotations["cdi.k8s.io/vfio4"];
  }),
  denied("one device less", "gpus", (r) => r.devices.pop()),
  denied("one annotation less", "gpus", (r) => delete r.OCI.Annotations["cdi.k8s.io/vfio4"]),
  denied("same device twice", "gpus", (r) => (r.devices[1] = structuredClone(r.devices[0]))),
  denied("two paths of one number", "gpus", (r) => {
    r.devices.push(structuredClone(r.devices[0]));
  }),
  allowed("cold plug", "gpus", (r) => (r.devices = [])),
  denied("cold plug without annotations", "gpus", (r) => {
    r.devices = [];
    delete r.OCI.Annotations["cdi.k8s.io/vfio4"];
    delete r.OCI.Annotations["cdi.k8s.io/vfio17"];
  }),
  denied("GPU where the policy has none", "web", (r) => r.devices.push(createContainer("gpus").devices[0])),
  denied(
    "number that is none",
    "gpus",
    (r) => {
      r.devices[0].container_path = "/dev/vfio/devices/vfio4a";
      r.devices[0].id = "vfio4a";
      r.OCI.Annotations["cdi.k8s.io/vfio4a"] = "nvidia.com/gpu=4";
      delete r.OCI.Annotations["cdi.k8s.io/vfio4"];
    },
    (p) => (policyOf(p, "gpus").runtime_anno_patterns["^cdi\\.k8s\\.io/vfio4a$"] = ".*"),
  ),
  denied("id of a device", "gpus", (r) => (r.devices[0].id = "vfio5")),
  denied("type of a device", "gpus", (r) => (r.devices[0].type_ = "vfio-pci")),
  denied("path of a device in the guest", "gpus", (r) => (r.devices[0].vm_path = "/dev/mem")),
  denied("no options", "gpus", (r) => (r.devices[0].options = [])),
  denied("other options", "gpus", (r) => r.devices[0].options.push("x")),
];
