import type { VolumeMount } from "../../kubernetes/pod/container.ts";
import { deriveEmptyDir } from "./empty-dir.ts";
import { baseOf, bindMount, destinationOf, type DerivedVolume, type VolumeInput } from "./mount-source.ts";
import type { PolicyMount, PolicyStorage } from "../policy-data.ts";

/**
 * Derives mounts and storages of one volume mount.
 *
 * @returns undefined for a volume that policies cannot represent
 * @see kata-containers `src/tools/genpolicy/src/mount_and_storage.rs`
 */
export function deriveVolume(input: VolumeInput): DerivedVolume | undefined {
  const { volume, mount } = input;
  if (volume.emptyDir !== undefined) return deriveEmptyDir(input, volume.emptyDir.medium ?? "");
  if (volume.configMap !== undefined || volume.secret !== undefined) return configFiles(input);
  if (volume.projected !== undefined || volume.downwardAPI !== undefined) return sharedDirectory(mount, true);
  if (volume.hostPath !== undefined) return hostPath(mount, volume.hostPath.path);
  const remote = volume.persistentVolumeClaim ?? volume.azureFile ?? volume.csi ?? volume.nfs;
  if (remote !== undefined) return sharedDirectory(mount, remote.readOnly === true);
  return volume.ephemeral === undefined ? undefined : sharedDirectory(mount, false);
}

/** Mount of a volume that a StatefulSet makes from one of its claim templates. */
export function deriveClaimTemplate(mount: VolumeMount): DerivedVolume {
  const source = `^/run/kata-containers/shared/containers/$(bundle-id)-[a-z0-9]{16}-${baseOf(mount)}$`;
  return { mounts: [bindMount(mount, source, false)], storages: [], replaces: false };
}

/** Adds what a volume brings to the mounts of a container. */
export function addMounts(mounts: PolicyMount[], derived: DerivedVolume): void {
  for (const mount of derived.mounts) {
    const index = derived.replaces ? mounts.findIndex(({ destination }) => destination === mount.destination) : -1;
    if (index === -1) mounts.push(mount);
    else mounts[index] = mount;
  }
}

function sharedDirectory(mount: VolumeMount, readOnly: boolean): DerivedVolume {
  return { mounts: [bindMount(mount, `$(sfprefix)${baseOf(mount)}$`, readOnly)], storages: [], replaces: true };
}

/** Devices and kernel files are the guest's own, under the path that the YAML names; other host paths are shared. */
function hostPath(mount: VolumeMount, path: string): DerivedVolume | undefined {
  if (path.split("/").includes("..")) return undefined;
  if (!/^\/(?:dev|sys)(?:\/|$)/.test(path)) return sharedDirectory(mount, false);
  return { mounts: [bindMount(mount, path, false)], storages: [], replaces: true };
}

function configFiles({ mount, settings }: VolumeInput): DerivedVolume {
  const template = settings.volumes.configMap;
  const base = baseOf(mount);
  const storage: PolicyStorage = {
    driver: template.driver,
    driver_options: [],
    source: `${template.mount_source}${base}$`,
    fstype: template.fstype,
    options: template.options,
    mount_point: `${template.mount_point}${base}$`,
    fs_group: null,
    shared: false,
  };
  const policyMount = {
    destination: destinationOf(mount),
    source: `${template.mount_point}${base}$`,
    type_: template.mount_type,
    options: template.options,
  };
  const storages = settings.kata_config.enable_configmap_secret_storages ? [storage] : [];
  return { mounts: [policyMount], storages, replaces: false };
}
