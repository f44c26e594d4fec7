/** The shape of one value in a request of the Kata agent. */
export type FieldShape =
  | { readonly type: "text"; readonly initial: string }
  | { readonly type: "number" }
  | { readonly type: "flag" }
  | { readonly type: "bytes" }
  | { readonly type: "textMap" }
  | { readonly type: "list"; readonly of: FieldShape }
  | { readonly type: "message"; readonly fields: MessageShape }
  /** Null where it is not set. */
  | { readonly type: "optional"; readonly of: FieldShape };

/** Members of a message by name, as the agent writes them: the names of the `.proto`, `type` as `type_`. */
export interface MessageShape {
  readonly [name: string]: FieldShape;
}

const text: FieldShape = { type: "text", initial: "" };
const number: FieldShape = { type: "number" };
const flag: FieldShape = { type: "flag" };
const bytes: FieldShape = { type: "bytes" };
const textMap: FieldShape = { type: "textMap" };
const list = (of: FieldShape): FieldShape => ({ type: "list", of });
const message = (fields: MessageShape): FieldShape => ({ type: "message", fields });
const optional = (of: FieldShape): FieldShape => ({ type: "optional", of });
const texts = list(text);
const numbers = list(number);
const messages = (fields: MessageShape): FieldShape => list(message(fields));
const perhaps = (fields: MessageShape): FieldShape => optional(message(fields));

const storages = messages({
  driver: text,
  driver_options: texts,
  source: text,
  fstype: text,
  options: texts,
  mount_point: text,
  fs_group: perhaps({ group_id: number, group_change_policy: number }),
  shared: flag,
});

const stringUser = perhaps({ uid: text, gid: text, additionalGids: texts });

const process = perhaps({
  Terminal: flag,
  ConsoleSize: perhaps({ Height: number, Width: number }),
  User: perhaps({ UID: number, GID: number, AdditionalGids: numbers, Username: text }),
  Args: texts,
  Env: texts,
  Cwd: text,
  Capabilities: perhaps({ Bounding: texts, Effective: texts, Inheritable: texts, Permitted: texts, Ambient: texts }),
  Rlimits: messages({ Type: text, Hard: number, Soft: number }),
  NoNewPrivileges: flag,
  ApparmorProfile: text,
  OOMScoreAdj: number,
  SelinuxLabel: text,
});

const hooks = messages({ Path: text, Args: texts, Env: texts, Timeout: number });
const idMappings = messages({ HostID: number, ContainerID: number, Size: number });
const throttles = messages({ Major: number, Minor: number, Rate: number });

const resources = perhaps({
  Devices: messages({ Allow: flag, Type: text, Major: number, Minor: number, Access: text }),
  Memory: perhaps({
    Limit: number,
    Reservation: number,
    Swap: number,
    Kernel: number,
    KernelTCP: number,
    Swappiness: number,
    DisableOOMKiller: flag,
  }),
  CPU: perhaps({
    Shares: number,
    Quota: number,
    Period: number,
    RealtimeRuntime: number,
    RealtimePeriod: number,
    Cpus: text,
    Mems: text,
  }),
  Pids: perhaps({ Limit: number }),
  BlockIO: perhaps({
    Weight: number,
    LeafWeight: number,
    WeightDevice: messages({ Major: number, Minor: number, Weight: number, LeafWeight: number }),
    ThrottleReadBpsDevice: throttles,
    ThrottleWriteBpsDevice: throttles,
    ThrottleReadIOPSDevice: throttles,
    ThrottleWriteIOPSDevice: throttles,
  }),
  HugepageLimits: messages({ Pagesize: text, Limit: number }),
  Network: perhaps({ ClassID: number, Priorities: messages({ Name: text, Priority: number }) }),
});

const linux = perhaps({
  UIDMappings: idMappings,
  GIDMappings: idMappings,
  Sysctl: textMap,
  Resources: resources,
  CgroupsPath: text,
  Namespaces: messages({ Type: text, Path: text }),
  Devices: messages({
    Path: text,
    Type: text,
    Major: number,
    Minor: number,
    FileMode: number,
    UID: number,
    GID: number,
  }),
  Seccomp: perhaps({
    DefaultAction: text,
    Architectures: texts,
    Flags: texts,
    Syscalls: messages({
      Names: texts,
      Action: text,
      ErrnoRet: perhaps({ errnoret: number }),
      Args: messages({ Index: number, Value: number, ValueTwo: number, Op: text }),
    }),
  }),
  RootfsPropagation: text,
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  MountLabel: text,
  IntelRdt: perhaps({ L3CacheSchema: text }),
});

const spec = perhaps({
  Version: text,
  Process: process,
  Root: perhaps({ Path: text, Readonly: flag }),
  Hostname: text,
  Mounts: messages({ destination: text, source: text, type_: text, options: texts }),
  Hooks: perhaps({
    Prestart: hooks,
    Poststart: hooks,
    Poststop: hooks,
    CreateRuntime: hooks,
    CreateContainer: hooks,
    StartContainer: hooks,
  }),
  Annotations: textMap,
  Linux: linux,
  Solaris: perhaps({ dummy: text }),
  Windows: perhaps({ dummy: text }),
});

const address: MessageShape = { family: number, address: text, mask: text };
const ports: MessageShape = { stdin_port: number, stdout_port: number, stderr_port: number };
const container: MessageShape = { container_id: text };
const containerProcess: MessageShape = { container_id: text, exec_id: text };
const copiedFile: MessageShape = {
  path: text,
  file_size: number,
  file_mode: number,
  dir_mode: number,
  uid: number,
  gid: number,
  offset: number,
};

/** `CopyFileRequest` as agents up to Kata 3.14 hand it to the engine: with the data, without a type. */
export const COPY_FILE_WITH_DATA: MessageShape = { ...copiedFile, data: bytes };

/**
 * Every request that the agent asks its policy about, by entry point.
 *
 * @see kata-containers src/libs/protocols/protos/{agent,oci,types}.proto
 */
export const REQUEST_SHAPES: MessageShape = Object.fromEntries(
  Object.entries({
    AddARPNeighborsRequest: {
      neighbors: perhaps({
        ARPNeighbors: messages({
          toIPAddress: perhaps(address),
          device: text,
          lladdr: text,
          state: number,
          flags: number,
        }),
      }),
    },
    AddSwapPathRequest: { path: text },
    AddSwapRequest: { PCIPath: numbers },
    AllowRequestsFailingPolicy: {},
    CloseStdinRequest: containerProcess,
    CopyFileRequest: {
      ...copiedFile,
      file_type: { type: "text", initial: "Unknown" },
      symlink_target: optional(text),
    },
    CreateContainerRequest: {
      ...containerProcess,
      string_user: stringUser,
      devices: messages({ id: text, type_: text, vm_path: text, container_path: text, options: texts }),
      storages,
      OCI: spec,
      sandbox_pidns: flag,
      shared_mounts: messages({ name: text, src_ctr: text, src_path: text, dst_ctr: text, dst_path: text }),
      ...ports,
    },
    CreateSandboxRequest: {
      hostname: text,
      dns: texts,
      storages,
      sandbox_pidns: flag,
      sandbox_id: text,
      guest_hook_path: text,
      kernel_modules: messages({ name: text, parameters: texts }),
    },
    DestroySandboxRequest: {},
    ExecProcessRequest: { ...containerProcess, string_user: stringUser, process, ...ports },
    GetDiagnosticDataRequest: { log_type: text, container_id: text },
    GetIPTablesRequest: { is_ipv6: flag },
    GetMetricsRequest: {},
    GetOOMEventRequest: {},
    GuestDetailsRequest: { mem_block_size: flag, mem_hotplug_probe: flag },
    ListInterfacesRequest: {},
    ListRoutesRequest: {},
    MemAgentCompactConfig: {
      disabled: optional(flag),
      period_secs: optional(number),
      period_psi_percent_limit: optional(number),
      compact_psi_percent_limit: optional(number),
      compact_sec_max: optional(number),
      compact_order: optional(number),
      compact_threshold: optional(number),
      compact_force_times: optional(number),
    },
    MemAgentMemcgConfig: {
      disabled: optional(flag),
      swap: optional(flag),
      swappiness_max: optional(number),
      period_secs: optional(number),
      period_psi_percent_limit: optional(number),
      eviction_psi_percent_limit: optional(number),
      eviction_run_aging_count_min: optional(number),
    },
    MemHotplugByProbeRequest: { memHotplugProbeAddr: numbers },
    OnlineCPUMemRequest: { wait: flag, nb_cpus: number, cpu_only: flag },
    PauseContainerRequest: container,
    ReadStreamRequest: { ...containerProcess, len: number },
    RemoveContainerRequest: { container_id: text, timeout: number },
    RemoveStaleVirtiofsShareMountsRequest: {},
    ReseedRandomDevRequest: { data: bytes },
    ResizeVolumeRequest: { volume_guest_path: text, size: number },
    ResumeContainerRequest: container,
    SetGuestDateTimeRequest: { Sec: number, Usec: number },
    SetIPTablesRequest: { is_ipv6: flag, data: bytes },
    SetPolicyRequest: { policy: text },
    SignalProcessRequest: { ...containerProcess, signal: number },
    StartContainerRequest: container,
    StartTracingRequest: {},
    StatsContainerRequest: container,
    StopTracingRequest: {},
    TtyWinResizeRequest: { ...containerProcess, row: number, column: number },
    UpdateContainerRequest: { container_id: text, resources },
    UpdateEphemeralMountsRequest: { storages },
    UpdateInterfaceRequest: {
      interface: perhaps({
        device: text,
        name: text,
        IPAddresses: messages(address),
        mtu: number,
        hwAddr: text,
        pciPath: text,
        devicePath: text,
        type_: text,
        raw_flags: number,
      }),
    },
    UpdateRoutesRequest: {
      routes: perhaps({
        Routes: messages({
          dest: text,
          gateway: text,
          device: text,
          source: text,
          scope: number,
          family: number,
          flags: number,
          mtu: number,
        }),
      }),
    },
    VolumeStatsRequest: { volume_guest_path: text },
    WaitProcessRequest: containerProcess,
    WriteStreamRequest: { ...containerProcess, data: bytes },
  } satisfies Record<string, MessageShape>).map(([name, fields]) => [name, message(fields)]),
);
