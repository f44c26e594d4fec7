import type { Json, JsonObject } from "../lib/json.ts";

/** A mount as a policy writes it. */
export interface MountView {
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** A storage as a policy writes it. */
export interface StorageView {
  readonly driver: string;
  readonly source: string;
  readonly fstype: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly driverOptions: readonly string[];
}

/** Names of the capability sets, as the OCI runtime specification has them. */
export const CAPABILITY_SETS = ["Bounding", "Effective", "Permitted", "Inheritable", "Ambient"] as const;

/** One of the capability sets. */
export type CapabilitySet = (typeof CAPABILITY_SETS)[number];

/** One container of a policy, whatever version of a generator wrote it; members that are missing are empty. */
export interface ContainerView {
  /** Position in the policy. */
  readonly index: number;
  /** Name from the annotations; `pause` for the sandbox container, which has none. */
  readonly name: string;
  readonly isSandbox: boolean;
  /** Image reference; undefined where the policy names none. */
  readonly image: string | undefined;
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly terminal: boolean;
  readonly noNewPrivileges: boolean;
  readonly user: {
    readonly uid: number | undefined;
    readonly gid: number | undefined;
    readonly additionalGids: readonly number[];
  };
  readonly capabilities: Readonly<Record<CapabilitySet, readonly string[]>>;
  readonly rootPath: string;
  readonly readOnlyRoot: boolean;
  readonly mounts: readonly MountView[];
  readonly storages: readonly StorageView[];
  /** Paths of passed-through devices inside the container. */
  readonly devices: readonly string[];
  /** How many GPUs annotations may name, where the policy has no device for them. */
  readonly annotatedGpus: number;
  /** Device files, each as its path. */
  readonly deviceFiles: readonly string[];
  readonly namespaces: readonly string[];
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly sysctls: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Pattern of the name to pattern of the value. */
  readonly annotationPatterns: ReadonlyMap<string, string>;
  /** Argument vectors; a version that wrote them as one text has vectors of one element. */
  readonly execCommands: readonly (readonly string[])[];
  readonly sharesProcesses: boolean;
  /** Everything as written, for comparing what no member above shows. */
  readonly raw: Json;
}

/** The requests that the host may make besides creating containers. */
export interface RequestsView {
  /** Patterns of environment variables that any container may have besides its own. */
  readonly envPatterns: readonly string[];
  readonly copyFilePatterns: readonly string[];
  /** Commands that may be executed in any container. */
  readonly execCommands: readonly (readonly string[])[];
  /** Patterns of the joined arguments of commands that may be executed in any container. */
  readonly execPatterns: readonly string[];
  /** Requests that a switch allows or denies, such as `ReadStreamRequest`. */
  readonly switches: ReadonlyMap<string, boolean>;
}

/** The data of a policy, read tolerantly: of this program, of earlier versions, and of upstream's genpolicy. */
export interface PolicyView {
  readonly containers: readonly ContainerView[];
  readonly requests: RequestsView;
  readonly sandboxStorages: readonly StorageView[];
  readonly guestHooks: readonly string[];
  readonly common: JsonObject;
  /** How containers are tied to images: `guest-pull`, `tardev`, `none`; undefined where the data do not say. */
  readonly imageVerification: string | undefined;
  /** The whole document. */
  readonly raw: JsonObject;
  /** Paths of values that are not of the expected type and are therefore not shown, such as `containers[0].OCI`. */
  readonly faults: readonly string[];
}
