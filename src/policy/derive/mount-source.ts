import type { VolumeMount } from "../../kubernetes/pod/container.ts";
import type { Volume } from "../../kubernetes/pod/volume.ts";
import { lastComponent } from "./base-mounts.ts";
import { escapePattern } from "../escape-pattern.ts";
import type { PolicyMount, PolicyStorage } from "../policy-data.ts";
import type { Settings } from "../settings.ts";

/** One volume as one container mounts it. */
export interface VolumeInput {
  readonly volume: Volume;
  readonly mount: VolumeMount;
  readonly settings: Settings;
  /** `fsGroup` of the pod; 0 when not given. */
  readonly fsGroup: number;
}

/** What one mounted volume adds to a container. */
export interface DerivedVolume {
  readonly mounts: readonly PolicyMount[];
  readonly storages: readonly PolicyStorage[];
  /** Whether a mount replaces an earlier one of the same destination. */
  readonly replaces: boolean;
}

/** Absolute form of `mountPath`; the kubelet puts a slash in front of relative ones. */
export function destinationOf(mount: VolumeMount): string {
  return mount.mountPath.startsWith("/") ? mount.mountPath : `/${mount.mountPath}`;
}

/** Pattern for the part of a shared file's name that comes from its destination. */
export function baseOf(mount: VolumeMount): string {
  return escapePattern(lastComponent(mount.mountPath));
}

/** Mount option for the propagation that the YAML asks for. */
export function propagationOf(mount: VolumeMount): string {
  if (mount.mountPropagation === "Bidirectional") return "rshared";
  return mount.mountPropagation === "HostToContainer" ? "rslave" : "rprivate";
}

/** The mount of a shared or guest directory. */
export function bindMount(mount: VolumeMount, source: string, readOnly: boolean): PolicyMount {
  const access = readOnly || mount.readOnly === true ? "ro" : "rw";
  return {
    destination: destinationOf(mount),
    source,
    type_: "bind",
    options: ["rbind", propagationOf(mount), access],
  };
}
