import { completeRequest } from "../../../src/policy/complete-request.ts";
import { rulePolicy, type Tree } from "../rule-policy.ts";
import { ruleCase, type Edit, type RuleCase } from "./rule-case.ts";

const sandbox = (title: string, allowed: boolean, members: Tree): RuleCase =>
  ruleCase(`sandbox: ${title}`, allowed, {
    kind: "CreateSandboxRequest",
    request: completeRequest("CreateSandboxRequest", members),
  });

const shm = { ...rulePolicy().sandbox.storages[0] };

export const sandboxCases: readonly RuleCase[] = [
  sandbox("with its storages", true, { storages: [shm] }),
  sandbox("without storages", true, {}),
  sandbox("with process namespace", false, { sandbox_pidns: true }),
  sandbox("with a kernel module", false, { kernel_modules: [{ name: "x" }] }),
  sandbox("with a known guest hook", true, { guest_hook_path: "/usr/share/oci/hooks" }),
  sandbox("with another guest hook", false, { guest_hook_path: "/usr/share/oci/hooks/x" }),
  ...Object.entries({
    driver: "x",
    source: "x",
    fstype: "x",
    mount_point: "x",
    options: [],
    driver_options: ["x"],
    fs_group: { group_id: 1, group_change_policy: 0 },
    shared: true,
  }).map(([name, value]) => sandbox(`with another ${name}`, false, { storages: [{ ...shm, [name]: value }] })),
];

const network = (kind: string, title: string, allowed: boolean, request: Tree, policy?: Edit): RuleCase =>
  ruleCase(
    `${kind}: ${title}`,
    allowed,
    { kind, request: completeRequest(kind, request) },
    policy === undefined ? {} : { policy },
  );

const eth0 = { name: "eth0", device: "eth0", hwAddr: "02:00:ca:fe:00:04", raw_flags: 128 };
const route = { device: "eth0", gateway: "10.244.0.1" };
const neighbor = { device: "eth0", toIPAddress: { address: "10.0.0.1" }, state: 128, flags: 8 };

export const networkCases: readonly RuleCase[] = [
  network("UpdateInterfaceRequest", "usual", true, { interface: eth0 }),
  network("UpdateInterfaceRequest", "none", false, {}),
  network("UpdateInterfaceRequest", "other flags", false, { interface: { ...eth0, raw_flags: 129 } }),
  ...[
    { flags: 128, allowed: true },
    { flags: 1, allowed: false },
  ].map(({ flags, allowed }) => {
    const { raw_flags: _, ...device } = eth0;
    const request = { interface: { ...device, rawFlags: flags } };
    return ruleCase(`UpdateInterfaceRequest: flags ${flags} under their other name`, allowed, {
      kind: "UpdateInterfaceRequest",
      request,
    });
  }),
  network("UpdateInterfaceRequest", "loopback", false, { interface: { ...eth0, name: "lo" } }),
  network("UpdateInterfaceRequest", "address of loopback", false, {
    interface: { ...eth0, hwAddr: "00:00:00:00:00:00" },
  }),
  network(
    "UpdateInterfaceRequest",
    "no list of names",
    false,
    { interface: eth0 },
    (p) => delete p.request_defaults.UpdateInterfaceRequest.forbidden_names,
  ),
  network("UpdateRoutesRequest", "usual", true, { routes: { Routes: [route, route] } }),
  network("UpdateRoutesRequest", "empty list", true, { routes: {} }),
  network("UpdateRoutesRequest", "none", false, {}),
  network("UpdateRoutesRequest", "loopback", false, { routes: { Routes: [route, { ...route, device: "lo" }] } }),
  network("UpdateRoutesRequest", "source", false, { routes: { Routes: [{ ...route, source: "127.0.0.1" }] } }),
  network(
    "UpdateRoutesRequest",
    "no list of sources",
    false,
    { routes: { Routes: [route] } },
    (p) => delete p.request_defaults.UpdateRoutesRequest.forbidden_source_regex,
  ),
  network("AddARPNeighborsRequest", "usual", true, { neighbors: { ARPNeighbors: [neighbor] } }),
  network("AddARPNeighborsRequest", "none", false, {}),
  network("AddARPNeighborsRequest", "loopback", false, {
    neighbors: { ARPNeighbors: [{ ...neighbor, device: "lo" }] },
  }),
  network("AddARPNeighborsRequest", "address of loopback", false, {
    neighbors: { ARPNeighbors: [{ ...neighbor, toIPAddress: { address: "127.0.0.1" } }] },
  }),
  network("AddARPNeighborsRequest", "mask", false, {
    neighbors: { ARPNeighbors: [{ ...neighbor, toIPAddress: { address: "10.0.0.1", mask: "8" } }] },
  }),
  network("AddARPNeighborsRequest", "state", false, { neighbors: { ARPNeighbors: [{ ...neighbor, state: 1 }] } }),
  network("AddARPNeighborsRequest", "flags", false, { neighbors: { ARPNeighbors: [{ ...neighbor, flags: 1 }] } }),
];

const SWITCHES = ["CloseStdin", "GetDiagnosticData", "ReadStream", "UpdateEphemeralMounts", "WriteStream"];

export const switches: readonly RuleCase[] = SWITCHES.map((name) => `${name}Request`).flatMap((kind) =>
  [true, false, undefined].map((value) =>
    network(kind, `switch is ${value}`, value === true, {}, (p) => {
      p.request_defaults[kind] = value;
    }),
  ),
);

const ALWAYS = [
  "DestroySandbox",
  "GetOOMEvent",
  "GuestDetails",
  "OnlineCPUMem",
  "RemoveContainer",
  "RemoveStaleVirtiofsShareMounts",
  "SignalProcess",
  "StartContainer",
  "StatsContainer",
  "TtyWinResize",
  "WaitProcess",
].map((name) => `${name}Request`);

const NEVER = [
  "AddSwapPathRequest",
  "AddSwapRequest",
  "AllowRequestsFailingPolicy",
  "GetIPTablesRequest",
  "GetMetricsRequest",
  "ListInterfacesRequest",
  "ListRoutesRequest",
  "MemAgentCompactConfig",
  "MemAgentMemcgConfig",
  "MemHotplugByProbeRequest",
  "PauseContainerRequest",
  "ReseedRandomDevRequest",
  "ResizeVolumeRequest",
  "ResumeContainerRequest",
  "SetGuestDateTimeRequest",
  "SetIPTablesRequest",
  "SetPolicyRequest",
  "StartTracingRequest",
  "StopTracingRequest",
  "UpdateContainerRequest",
  "VolumeStatsRequest",
];

export const fixed: readonly RuleCase[] = [
  ...ALWAYS.map((kind) => network(kind, "always", true, {})),
  ...NEVER.map((kind) => network(kind, "never", false, {})),
];
