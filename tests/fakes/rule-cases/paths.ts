import { type Tree } from "../rule-policy.ts";
import { IDS, SHARED } from "../rule-requests.ts";
import { allowed, denied, mountOf, noEdit, policyOf, type RuleCase } from "./rule-case.ts";

export const paths: readonly RuleCase[] = [
  denied("writable root", "pause", (r) => (r.OCI.Root.Readonly = false)),
  denied("path after the root", "blocks", (r) => {
    r.OCI.Root.Path += "/../..";
    r.storages[0].mount_point = r.OCI.Root.Path;
  }),
  denied("path before the root", "blocks", (r) => {
    r.OCI.Root.Path = `/x${r.OCI.Root.Path}`;
    r.storages[0].mount_point = r.OCI.Root.Path;
  }),
  denied("same mount twice", "web", (r) => r.OCI.Mounts.push(structuredClone(r.OCI.Mounts[0]))),
  denied("extra mount", "web", (r) => r.OCI.Mounts.push({ ...r.OCI.Mounts[1], destination: "/evil" })),
  denied("mount without options", "web", (r) => (mountOf(r, "/etc/hosts").options = [])),
  denied("type of a mount", "web", (r) => (mountOf(r, "/etc/hosts").type_ = "overlay")),
  denied("literal source with more text", "web", (r) => (mountOf(r, "/dev/shm").source += "/x")),
  denied("literal source behind other text", "web", (r) => (mountOf(r, "/proc").source = "/x/proc")),
  denied(
    "source in the files of another container",
    "web",
    (r) => (mountOf(r, "/etc/hosts").source = `${SHARED}/${IDS.blocks}-0123456789abcdef-hosts`),
  ),
  denied(
    "source of another volume",
    "web",
    (r) => (mountOf(r, "/cache").source = "/run/kata-containers/sandbox/ephemeral/x"),
  ),
  denied(
    "source of another sandbox",
    "web",
    (r) => (mountOf(r, "/data").source = `${SHARED}/${IDS.blocks}/rootfs/local/data`),
  ),
  denied("source that is the pattern itself", "web", (r) => (mountOf(r, "/etc/hosts").source = "$(sfprefix)hosts$")),
  denied(
    "dot of a literal source",
    "web",
    (r) => (mountOf(r, "/dev/shm").source = "/run/axb"),
    (p) => (policyOf(p, "web").OCI.Mounts[1].source = "/run/a.b"),
  ),
  denied("block volume without source", "blocks", (r) => (mountOf(r, "/a").source = "")),
  denied(
    "block volume in place of a file",
    "blocks",
    (r) => (mountOf(r, "/etc/hosts").source = mountOf(r, "/a").source),
  ),
  denied("cgroup option on another mount", "web", (r) => mountOf(r, "/proc").options.push("nsdelegate")),
  denied("path after a source pattern", "web", (r) => (mountOf(r, "/etc/hosts").source += "/..")),
  allowed("mounts are missing", "web", (r) => (r.OCI.Mounts = [])),
  allowed("sysfs is read-only where the policy would let it be written", "web", noEdit, (p) => {
    policyOf(p, "web").OCI.Mounts.find((m: Tree) => m.type_ === "sysfs").options[3] = "rw";
  }),
  denied("sysfs is writable", "web", (r) => (mountOf(r, "/sys").options[3] = "rw")),
  denied("other source of sysfs", "web", (r) => (mountOf(r, "/sys").source = "/host/sys")),
  allowed("cgroup option of newer runtimes", "web", (r) => mountOf(r, "/sys/fs/cgroup").options.push("nsdelegate")),
  denied("other cgroup option", "web", (r) => mountOf(r, "/sys/fs/cgroup").options.push("evil")),
  denied("cgroup option is missing", "web", (r) => mountOf(r, "/sys/fs/cgroup").options.pop()),
  denied("block volume from elsewhere", "blocks", (r) => (mountOf(r, "/a").source = SHARED)),
  denied(
    "block volume from another kind of storage",
    "blocks",
    (r) => (mountOf(r, "/a").source = r.storages[0].mount_point),
  ),
];
