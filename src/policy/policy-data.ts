import type { Settings } from "./settings.ts";

/** A storage that the guest agent mounts before the container starts. */
export type PolicyStorage = Settings["sandbox"]["storages"][number];

/** A mount that a container may have. */
export interface PolicyMount {
  readonly destination: string;
  /** A literal, or a pattern where it carries a token or starts with `^`. */
  readonly source: string;
  readonly type_: string;
  readonly options: readonly string[];
}

/** The five capability sets; a set that equals a list of the settings is written as its token. */
export interface PolicyCapabilities {
  readonly Ambient: readonly string[];
  readonly Bounding: readonly string[];
  readonly Effective: readonly string[];
  readonly Inheritable: readonly string[];
  readonly Permitted: readonly string[];
}

/** Who a process has to run as. */
export interface PolicyUser {
  readonly UID: number;
  readonly GID: number;
  /** Sorted, without repetition. */
  readonly AdditionalGids: readonly number[];
  readonly Username: "";
}

/** The process that a container may start. */
export interface PolicyProcess {
  readonly Terminal: boolean;
  readonly User: PolicyUser;
  readonly Args?: readonly string[];
  readonly Env?: readonly string[];
  readonly Cwd: string;
  readonly Capabilities: PolicyCapabilities;
  readonly NoNewPrivileges: boolean;
}

/** A device node that a container may have. */
export interface PolicyLinuxDevice {
  readonly Type: string;
  readonly Path: string;
}

/** The Linux part of a container: namespaces, hidden paths, device nodes, kernel parameters. */
export interface PolicyLinux {
  readonly Namespaces: readonly { readonly Type: string; readonly Path: string }[];
  readonly MaskedPaths: readonly string[];
  readonly ReadonlyPaths: readonly string[];
  readonly Devices: readonly PolicyLinuxDevice[];
  readonly Sysctl?: SortedMap;
}

/** A map that is written with its keys in byte order. */
export type SortedMap = ReadonlyMap<string, string>;

/** The part of a container that is an OCI runtime specification. */
export interface PolicySpec {
  readonly Version: string;
  readonly Process: PolicyProcess;
  readonly Root: { readonly Path: string; readonly Readonly: boolean };
  readonly Mounts?: readonly PolicyMount[];
  readonly Annotations?: SortedMap;
  readonly Linux: PolicyLinux;
}

/** A device that the runtime may pass to the guest. */
export interface PolicyDevice {
  readonly id: string;
  readonly type_: string;
  readonly vm_path: string;
  readonly container_path: string;
  readonly options: readonly string[];
}

/** What one container may look like when the runtime asks the guest to create it. */
export interface ContainerPolicy {
  readonly OCI: PolicySpec;
  readonly storages: readonly PolicyStorage[];
  readonly devices: readonly PolicyDevice[];
  readonly sandbox_pidns: boolean;
  readonly exec_commands: readonly (readonly string[])[];
  /** Image reference of the YAML; absent where the settings verify no images. */
  readonly image?: string;
  readonly runtime_anno_patterns: SortedMap;
  /** How many GPUs annotations may name at most; absent where there is none, and where `devices` has them. */
  readonly gpus?: number;
}

/**
 * The data of one policy. The order of members, here and in the settings, is the order in the policy text.
 *
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`, `PolicyData`
 */
export interface PolicyData {
  /** The pause container, then the init containers, then the containers, in their order in the pod. */
  readonly containers: readonly ContainerPolicy[];
  readonly common: Settings["common"];
  readonly sandbox: Settings["sandbox"];
  readonly request_defaults: Settings["request_defaults"];
  readonly devices: {
    readonly vfio: { readonly device_path: string; readonly nvidia: Readonly<Record<string, never>> };
  };
  readonly cluster_config: Settings["cluster_config"];
}
