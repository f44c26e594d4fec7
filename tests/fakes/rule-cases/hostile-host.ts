import { completeRequest } from "../../../src/policy/complete-request.ts";
import { DIGEST, type Tree } from "../rule-policy.ts";
import { copyFile, editImageMetadata, execProcess, IDS } from "../rule-requests.ts";
import { allowed, create, denied, policyOf, ruleCase, type Edit, type RuleCase } from "./rule-case.ts";

const OTHER_ID = "d4".repeat(32);

/** Gives a container another id; its root and its image follow. */
const renamed =
  (id: string): Edit =>
  (request) => {
    request.container_id = id;
    request.OCI.Root.Path = `/run/kata-containers/${id}/rootfs`;
    request.storages[0].mount_point = request.OCI.Root.Path;
  };

const withoutMounts =
  (edit: Edit): Edit =>
  (request) => {
    request.OCI.Mounts = [];
    edit(request);
  };

const identities: readonly RuleCase[] = [
  allowed("another id", "blocks", (r) => {
    withoutMounts(renamed(OTHER_ID))(r);
  }),
  denied("id apart from the root", "blocks", (r) => (r.container_id = OTHER_ID)),
  ...["image", "shared", "D4".repeat(32), `${OTHER_ID}0`].map((id) =>
    denied(`id ${id}`, "blocks", withoutMounts(renamed(id))),
  ),
  denied("sandbox with an id of its own", "pause", withoutMounts(renamed(OTHER_ID))),
  denied("id of the sandbox", "blocks", withoutMounts(renamed(IDS.pause))),
  denied("pause image and id of the sandbox for a container", "blocks", (r) => {
    withoutMounts(renamed(IDS.pause))(r);
    r.storages[0].source = "pause";
    editImageMetadata(r, (m) => {
      m["io.kubernetes.cri.container-type"] = "sandbox";
      delete m["io.kubernetes.cri.image-name"];
    });
  }),
  denied(
    "image and id of a container for pause",
    "pause",
    (r) => {
      withoutMounts(renamed(OTHER_ID))(r);
      r.storages[0].source = `registry.example/pause@${DIGEST}`;
      editImageMetadata(r, (m) => {
        m["io.kubernetes.cri.container-type"] = "container";
        m["io.kubernetes.cri.image-name"] = `registry.example/pause@${DIGEST}`;
      });
    },
    (p) => (policyOf(p, "pause").image = `registry.example/pause:3.6@${DIGEST}`),
  ),
  denied("type of a sandbox for CRI-O", "web", (r) =>
    editImageMetadata(r, (m) => (m["io.kubernetes.cri-o.ContainerType"] = "sandbox")),
  ),
  ruleCase(
    "other sandbox id than before",
    false,
    create("blocks", (r) => (r.OCI.Annotations["io.kubernetes.cri.sandbox-id"] = OTHER_ID)),
    { first: [create("pause")] },
  ),
  ruleCase(
    "other sandbox id than before where no image is looked at",
    true,
    create("blocks", (r) => (r.OCI.Annotations["io.kubernetes.cri.sandbox-id"] = OTHER_ID)),
    { first: [create("pause")], policy: (p) => (p.common.image_verification = "none") },
  ),
];

const removal = { kind: "RemoveContainerRequest", request: { container_id: IDS.web, timeout: 0 } };
const probe = { kind: "ExecProcessRequest", request: execProcess() };
const reused: Edit = (policy) => {
  // Nothing but the id is left to tell the container from its predecessor.
  policy.common.image_verification = "none";
};

const lives: readonly RuleCase[] = [
  ruleCase("id of a removed container, same container", false, create("web"), { first: [create("web"), removal] }),
  ruleCase(
    "id of a removed container, other container",
    false,
    create("blocks", (r) => (r.container_id = IDS.web)),
    { first: [create("web"), removal], policy: reused },
  ),
  ruleCase("creation after the removal of what was not there", true, create("web"), { first: [removal] }),
  ruleCase("second removal", true, removal, { first: [create("web"), removal] }),
  ruleCase("command in a removed container", false, probe, { first: [create("web"), removal] }),
];

const linux: readonly RuleCase[] = [
  denied("core dumps", "web", (r) => r.OCI.Process.Rlimits.push({ Type: "RLIMIT_CORE", Hard: 1, Soft: 1 })),
  allowed("limit of open files", "web", (r) =>
    r.OCI.Process.Rlimits.push({ Type: "RLIMIT_NOFILE", Hard: 1024, Soft: 1024 }),
  ),
  denied("cgroup that climbs", "web", (r) => (r.OCI.Linux.CgroupsPath = "/kubepods/../../../etc")),
  denied("cgroup that is not told", "web", (r) => delete r.OCI.Linux.CgroupsPath),
  denied("cgroup that is no text", "web", (r) => (r.OCI.Linux.CgroupsPath = 5)),
  denied("network without path", "web", (r) => r.OCI.Linux.Namespaces.push({ Type: "network", Path: "" })),
  denied("cgroup namespace of a path", "web", (r) =>
    r.OCI.Linux.Namespaces.push({ Type: "cgroup", Path: "/proc/1/ns/cgroup" }),
  ),
  ...["/etc/app.conf", "/proc/self/root/etc/app.conf", "/sys/../etc/app.conf", "/"].flatMap((path) => [
    denied(`hidden ${path}`, "web", (r) => r.OCI.Linux.MaskedPaths.push(path)),
    denied(`read-only ${path}`, "web", (r) => r.OCI.Linux.ReadonlyPaths.push(path)),
  ]),
  ...["/proc/interrupts", "/sys/devices/system/cpu/cpu0/thermal_throttle"].map((path) =>
    allowed(`hidden ${path}`, "web", (r) => r.OCI.Linux.MaskedPaths.push(path)),
  ),
  allowed(
    "hidden path of the settings",
    "web",
    (r) => r.OCI.Linux.MaskedPaths.push("/opt/x"),
    (p) => policyOf(p, "web").OCI.Linux.MaskedPaths.push("/opt/x"),
  ),
];

const settingsDevice: Edit = (policy) =>
  policyOf(policy, "web").OCI.Linux.Devices.push({ Type: "c", Path: "/dev/fuse" });
const fuse = { Path: "/dev/fuse", Type: "c", Major: 10, Minor: 229 };

const devices: readonly RuleCase[] = [
  denied("device file without a device", "web", (r) => (r.devices = [])),
  allowed("device without a device file", "web", (r) => (r.OCI.Linux.Devices = [])),
  denied("character device for a volume", "web", (r) => (r.OCI.Linux.Devices[0].Type = "c")),
  denied("two device files of one path", "web", (r) =>
    r.OCI.Linux.Devices.push({ Path: "/dev/xvda", Type: "b", Major: 253, Minor: 0 }),
  ),
  allowed("device file of the settings", "web", (r) => r.OCI.Linux.Devices.push(fuse), settingsDevice),
  denied(
    "other type of a device file of the settings",
    "web",
    (r) => r.OCI.Linux.Devices.push({ ...fuse, Type: "b" }),
    settingsDevice,
  ),
  denied(
    "device file of the settings without a type",
    "web",
    (r) => r.OCI.Linux.Devices.push({ Path: "/dev/xvdb", Type: "" }),
    (p) => policyOf(p, "web").OCI.Linux.Devices.push({ Type: "", Path: "/dev/xvdb" }),
  ),
  ...["nvdimm", "mmioblk", "vfio-pci", ""].map((type) =>
    denied(`driver "${type}" of a volume`, "web", (r) => (r.devices[0].type_ = type)),
  ),
  allowed("SCSI volume", "web", (r) => (r.devices[0].type_ = "scsi")),
];

const service =
  (entry: string): Edit =>
  (policy) => {
    policyOf(policy, "web").OCI.Process.Env.push(entry);
    policy.request_defaults.CreateContainerRequest.allow_env_regex.push(
      "^[A-Z_]+_PORT=(tcp://)?[0-9.:]+$",
      "^TERM=xterm$",
    );
  };
const variable =
  (entry: string): Edit =>
  (request) => {
    request.OCI.Process.Env.push(entry);
  };

const texts: readonly RuleCase[] = [
  ...[
    ["$(node-name", "$(node-name", true],
    ["$(node-name", "worker-1", false],
    ["a $(pod-uid $(date)", "a $(pod-uid $(date)", true],
  ].map(([own, other, allow]) =>
    ruleCase(
      `${other} for the unfinished ${own}`,
      allow === true,
      create("web", (r) => (r.OCI.Process.Args[0] = other)),
      { policy: (p) => (policyOf(p, "web").OCI.Process.Args[0] = own) },
    ),
  ),
  denied("token itself in an argument", "web", (r) => (r.OCI.Process.Args[1] = "--node=$(node-name)")),
  denied("token itself in a variable", "web", variable("POD_UID=$(pod-uid)")),
  ...[
    ["DB_SERVICE_HOST=10.0.0.1", "DB_SERVICE_HOST=10.6.6.6"],
    ["DB_SERVICE_PORT=80", "DB_SERVICE_PORT=81"],
    ["DB_PORT=tcp://10.0.0.1:80", "DB_PORT=tcp://10.6.6.6:80"],
    ["DB_PORT=$(host-ip)", "DB_PORT=tcp://10.6.6.6:80"],
    ["HOSTNAME=fixed", "HOSTNAME=with_underscore"],
  ].map(([own = "", other = ""]) => denied(`${other} for ${own}`, "web", variable(other), service(own))),
  ...[
    ["REDIS_PORT=6379", "REDIS_PORT=tcp://10.0.0.1:6379"],
    ["TERM=linux", "TERM=xterm"],
  ].map(([own = "", other = ""]) => allowed(`${other} for ${own}`, "web", variable(other), service(own))),
];

const asked = (kind: string, title: string, allow: boolean, request: Tree): RuleCase =>
  ruleCase(`${kind}: ${title}`, allow, { kind, request: completeRequest(kind, request) });

const eth0 = { name: "eth0", device: "eth0", hwAddr: "02:00:CA:fe:00:04" };
const route = { device: "eth0", gateway: "10.244.0.1" };

const network: readonly RuleCase[] = [
  asked("UpdateInterfaceRequest", "address in capitals", true, { interface: eth0 }),
  ...["0:0:0:0:0:0", "+0:+0:+0:+0:+0:+0", "00:00:00:00:00:0", ""].map((hwAddr) =>
    asked("UpdateInterfaceRequest", `address "${hwAddr}"`, false, { interface: { ...eth0, hwAddr } }),
  ),
  ...["10.1.2.3", "fd00::1"].map((source) =>
    asked("UpdateRoutesRequest", `source ${source}`, true, { routes: { Routes: [{ ...route, source }] } }),
  ),
  ...["::0.0.0.1", "::ffff:127.0.0.1"].map((source) =>
    asked("UpdateRoutesRequest", `source ${source}`, false, { routes: { Routes: [{ ...route, source }] } }),
  ),
];

const exec = (title: string, edit: Edit): RuleCase => {
  const request = execProcess();
  edit(request);
  return ruleCase(`exec: ${title}`, false, { kind: "ExecProcessRequest", request }, { first: [create("web")] });
};

const others: readonly RuleCase[] = [
  exec("as a named user", (r) => (r.process.User.Username = "root")),
  exec("with core dumps", (r) => r.process.Rlimits.push({ Type: "RLIMIT_CORE", Hard: 1, Soft: 1 })),
  exec("with the kubelet's variable for an own one", (r) => r.process.Env.push("HOSTNAME=with_underscore")),
  ...["/", "//x", "/.", "/./x"].flatMap((end) =>
    ["Regular", "Symlink"].map((file_type) => {
      const request = { ...copyFile(), file_type, symlink_target: "a" };
      request.path += end;
      return ruleCase(`copy: ${file_type} with "${end}"`, false, { kind: "CopyFileRequest", request });
    }),
  ),
];

/** What a host tries that knows the agent's ways with ids, devices, paths and addresses. */
export const hostileHost: readonly RuleCase[] = [
  ...identities,
  ...lives,
  ...linux,
  ...devices,
  ...texts,
  ...network,
  ...others,
];
