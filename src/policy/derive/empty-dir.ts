import { escapePattern } from "../escape-pattern.ts";
import type { PolicyMount, PolicyStorage } from "../policy-data.ts";
import type { EmptyDirTemplate } from "../settings.ts";
import { baseOf, destinationOf, propagationOf, type DerivedVolume, type VolumeInput } from "./mount-source.ts";

/**
 * Derives mount and storage of an emptyDir. Memory ones are a tmpfs in the guest; disk ones, by the cluster's setting, a
 * directory of the guest (`local`), an own block device (`block-…`), or shared with the host (`shared-fs`).
 *
 * @param medium of the volume
 * @returns undefined for a medium that policies cannot represent, such as huge pages
 * @see kata-containers `src/tools/genpolicy/src/mount_and_storage.rs`
 */
export function deriveEmptyDir(input: VolumeInput, medium: string): DerivedVolume | undefined {
  if (medium !== "" && medium !== "Memory") return undefined;
  if (input.mount.subPathExpr !== undefined) return subdirectory(input);
  if (medium === "Memory") return guestDirectory(input, input.settings.volumes.emptyDir_memory);
  const { volumes, cluster_config: cluster } = input.settings;
  switch (cluster.emptydir_type) {
    case "local":
      return guestDirectory(input, volumes.emptyDir);
    case "block-encrypted":
      return blockDevice(input, volumes.emptyDir_encrypted);
    case "block-plain":
      return blockDevice(input, volumes.emptyDir_plain);
    case "shared-fs":
      return hostDirectory(input);
    default:
      return cluster.emptydir_type satisfies never;
  }
}

/** The runtime gives the directory the group that the kubelet has given to the one on the host. */
function guestDirectory(input: VolumeInput, template: EmptyDirTemplate): DerivedVolume {
  const name = volumeName(input);
  const storage: PolicyStorage = {
    driver: template.driver,
    driver_options: template.driver_options,
    source: template.source,
    fstype: template.fstype,
    options: [...template.options, ...fsGidOption(input)],
    mount_point: `${template.mount_point}${name}$`,
    fs_group: null,
    shared: template.shared,
  };
  const source = `${template.mount_source}${name}$`;
  const mount = mountOf(input, template.mount_type, source, propagationOf(input.mount));
  return { mounts: [mount], storages: [storage], replaces: false };
}

/** The runtime gives each mount of the volume a device; the rules tie the source of the mount to the storage. */
function blockDevice(input: VolumeInput, template: EmptyDirTemplate): DerivedVolume {
  const storage: PolicyStorage = {
    driver: template.driver,
    driver_options: template.driver_options,
    source: template.source,
    fstype: template.fstype,
    options: template.options,
    mount_point: template.mount_point,
    fs_group: input.fsGroup > 0 ? { group_id: input.fsGroup, group_change_policy: 0 } : null,
    shared: template.shared,
  };
  const mount = mountOf(input, template.mount_type, template.mount_source, "rprivate");
  return { mounts: [mount], storages: [storage], replaces: false };
}

/** The shared directory is named after the sandbox and the volume, or after the container and the destination. */
function hostDirectory(input: VolumeInput): DerivedVolume {
  const bySandbox = `^$(cpath)/sandbox-[0-9a-f]{16}-${escapePattern(input.volume.name)}$`;
  const byContainer = `$(sfprefix)${baseOf(input.mount)}$`;
  const propagation = propagationOf(input.mount);
  const mounts = [bySandbox, byContainer].map((source) => mountOf(input, "bind", source, propagation));
  return { mounts, storages: [], replaces: false };
}

/** With `subPathExpr` the kubelet mounts a directory below the volume, which reaches the guest as a shared one. */
function subdirectory(input: VolumeInput): DerivedVolume {
  const source = `${input.settings.volumes.configMap.mount_point}${baseOf(input.mount)}$`;
  return { mounts: [mountOf(input, "bind", source, propagationOf(input.mount))], storages: [], replaces: false };
}

function mountOf({ mount }: VolumeInput, type_: string, source: string, propagation: string): PolicyMount {
  const access = mount.readOnly === true ? "ro" : "rw";
  return { destination: destinationOf(mount), source, type_, options: ["rbind", propagation, access] };
}

/** A DNS label as it is, because it means itself; whatever else a file may hold must not become a pattern. */
function volumeName({ volume: { name } }: VolumeInput): string {
  return /^[a-z0-9-]*$/.test(name) ? name : escapePattern(name);
}

function fsGidOption({ fsGroup }: VolumeInput): readonly string[] {
  return fsGroup === 0 ? [] : [`fsgid=${fsGroup}`];
}
