import { deepFreeze } from "../../lib/deep-freeze.ts";
import { escapePattern } from "../escape-pattern.ts";
import type { PolicyMount } from "../policy-data.ts";
import type { ContainerTemplate } from "../settings.ts";

/** Everything that decides the mounts that a container has without its volumes. */
export interface BaseMountsInput {
  readonly isPause: boolean;
  readonly privileged: boolean;
  readonly readOnlyRoot: boolean;
  readonly template: ContainerTemplate;
  /** Destinations whose template mount is always there. */
  readonly keptDestinations: readonly string[];
  /** `mountPath` of the container's volume mounts. */
  readonly volumeMountPaths: readonly string[];
  readonly terminationMessagePath: string | undefined;
}

const TERMINATION_LOG = "/dev/termination-log";

/** Mounts that containerd gives to every container. */
const RUNTIME_MOUNTS: readonly PolicyMount[] = [
  mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
  mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
  mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
  mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
  mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
];
const SYSFS = {
  ro: mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
  rw: mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "rw"]),
};
const CGROUP = {
  ro: mount("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
  rw: mount("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "rw"]),
};

/**
 * The mounts that every container has: those of containerd, then those of the settings, which replace a mount of the
 * same destination.
 *
 * @see kata-containers `src/tools/genpolicy/src/mount_and_storage.rs`; containerd `pkg/oci/mounts.go`
 */
export function deriveBaseMounts(input: BaseMountsInput): readonly PolicyMount[] {
  const { template, keptDestinations: kept, volumeMountPaths, terminationMessagePath } = input;
  const usual = template.Mounts.every(
    ({ destination }) => kept.includes(destination) || !volumeMountPaths.includes(destination),
  );
  if (!usual || terminationMessagePath !== undefined) return makeBaseMounts(input);
  const key = [input.isPause, input.privileged, input.readOnlyRoot].join();
  const variants = usualMounts.get(template) ?? new Map<string, readonly PolicyMount[]>();
  usualMounts.set(template, variants);
  const mounts = variants.get(key) ?? makeBaseMounts(input);
  variants.set(key, mounts);
  return mounts;
}

/** Most containers differ in three switches only; the mounts of each combination are made once for each template. */
const usualMounts = new WeakMap<ContainerTemplate, Map<string, readonly PolicyMount[]>>();

function makeBaseMounts(input: BaseMountsInput): readonly PolicyMount[] {
  const access = input.privileged ? "rw" : "ro";
  const mounts = [...RUNTIME_MOUNTS, SYSFS[access], ...(input.isPause ? [] : [CGROUP[access]])];
  for (const template of input.template.Mounts) {
    const { destination: usual } = template;
    if (!input.keptDestinations.includes(usual) && !input.volumeMountPaths.includes(usual)) continue;
    const moved = usual === TERMINATION_LOG && input.terminationMessagePath !== undefined;
    const destination = moved ? input.terminationMessagePath : usual;
    const base = moved ? escapePattern(lastComponent(destination)) : lastComponent(destination);
    const source = template.source === "" && template.type_ === "bind" ? `$(sfprefix)${base}$` : template.source;
    const index = mounts.findIndex((mount) => mount.destination === usual);
    const rootAccess = index === -1 && !input.isPause && (usual === "/etc/hostname" || usual === "/etc/resolv.conf");
    const options = rootAccess ? [...template.options, input.readOnlyRoot ? "ro" : "rw"] : template.options;
    const made = { destination: index === -1 ? destination : usual, source, type_: template.type_, options };
    if (index === -1) mounts.push(made);
    else mounts[index] = made;
  }
  return deepFreeze(mounts);
}

/** The last component of a path, trailing slashes aside; what the runtime names a shared file after. */
export function lastComponent(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

function mount(destination: string, type_: string, source: string, options: readonly string[]): PolicyMount {
  return deepFreeze({ destination, source, type_, options });
}
