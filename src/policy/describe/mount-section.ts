import type { Volume } from "../../kubernetes/pod/volume.ts";
import type { ContainerView, MountView } from "../policy-view.ts";
import { mountKey } from "../usual-parts.ts";
import type { Origin, Row, Section } from "./description.ts";
import { type ContainerInYaml, type PodSource, unknownOrigin } from "./pod-source.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { roomOf } from "./room-of.ts";

/** Who decides what a mount holds. */
export type MountContent = "kernel" | "guest" | "host" | "kubelet";

/** Mounts that containerd gives every container; their content is the guest kernel's. */
const RUNTIME_MOUNTS = new Set(["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup"]);

/** Files that the kubelet writes for every container. */
const KUBELET_FILES = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/termination-log"]);

/** Directories with tokens that the kubelet may give every container. */
const TOKENS = new Set(["/var/run/secrets/kubernetes.io/serviceaccount", "/var/run/secrets/azure/tokens"]);

/** A volume of the YAML that a mount is of. */
interface MountedVolume {
  readonly name: string;
  /** Such as `configMap`; `volumeClaimTemplates` for claims of a StatefulSet. */
  readonly kind: string;
  readonly origin: Origin;
}

/** The mounts that a container may have. */
export function mountSection(inputs: ContainerInputs): Section {
  const { view, isEmbeddedRules } = inputs;
  const rows = view.mounts.map((mount): Row => {
    const volume = volumeOf(mount, inputs.source, inputs.inYaml);
    const isRoutine = volume === undefined && inputs.usual.some(({ mounts }) => mounts.has(mountKey(mount)));
    const options = mount.options.length === 0 ? "" : ` (${mount.options.join(",")})`;
    const { room } = roomOf(mount.source, isEmbeddedRules);
    const isPattern = room === "pattern" || /^[\^$]/.test(mount.source);
    return {
      subject: mount.destination,
      value: `${mount.type} ${mount.source === "" ? "block device" : mount.source}${options}`,
      room: isPattern ? "pattern" : "fixed",
      note: CONTENT_NOTES[contentOf(mount, volume?.kind)],
      origin: volume?.origin ?? originOf(mount, isRoutine, inputs),
      ...(isRoutine ? { routine: true } : {}),
    };
  });
  return { id: "mounts", title: "Mounts", rows, ...(rows.length === 0 ? { note: "No mounts." } : {}) };
}

const CONTENT_NOTES: Readonly<Record<MountContent, string>> = {
  kernel: "files of the guest's kernel",
  guest: "kept inside the guest",
  host: "the host decides what it holds",
  kubelet: "written by the kubelet, so the host decides what it holds",
};

/**
 * The mounts of a container whose content the host decides, by destination.
 *
 * @returns each with the kind of its volume, where the YAML says it
 */
export function hostMounts(
  view: ContainerView,
  source: PodSource | undefined,
  inYaml: ContainerInYaml | undefined,
): readonly { readonly destination: string; readonly kind: string | undefined }[] {
  return view.mounts.flatMap((mount) => {
    const kind = volumeOf(mount, source, inYaml)?.kind;
    return contentOf(mount, kind) === "host" ? [{ destination: mount.destination, kind }] : [];
  });
}

/** File systems that the guest's kernel fills by itself. */
const KERNEL_TYPES = new Set(["proc", "tmpfs", "devpts", "mqueue", "sysfs", "cgroup", "cgroup2"]);

/** Directories inside the guest that generators name for emptyDirs, and the pod's shared memory; nothing wider. */
const GUEST_SOURCE =
  /^(?:\^\$\(cpath\)\/\$\(sandbox-id\)\/(?:rootfs\/)?local\/[\w.\\-]+\$|\^\/run\/kata-containers\/sandbox\/ephemeral\/[\w.\\-]+\$|\/run\/kata-containers\/sandbox\/shm)$/;

/** Who decides what a mount holds: what the policy says counts, not what the YAML asked for. */
function contentOf({ destination, source, type }: MountView, kind: string | undefined): MountContent {
  if (KERNEL_TYPES.has(type)) return "kernel";
  if (source === "" || GUEST_SOURCE.test(source)) return "guest";
  if (/^\/(?:dev|sys|proc)(?:\/|$)/.test(source) && !source.includes("..")) return "kernel";
  return kind === undefined && KUBELET_FILES.has(destination) ? "kubelet" : "host";
}

function volumeOf(
  mount: MountView,
  source: PodSource | undefined,
  inYaml: ContainerInYaml | undefined,
): MountedVolume | undefined {
  if (source === undefined || inYaml === undefined) return undefined;
  const mounts = inYaml.container.volumeMounts ?? [];
  const index = mounts.findIndex(({ mountPath }) => withoutSlash(mountPath) === withoutSlash(mount.destination));
  const name = mounts[index]?.name;
  if (name === undefined) return undefined;
  const volumes = source.view.podSpec.volumes ?? [];
  const volume = volumes.find((candidate) => candidate.name === name);
  const kind = volume === undefined ? "volumeClaimTemplates" : kindOf(volume);
  const field = source.field([...inYaml.path, "volumeMounts", index], `volumeMounts[${index}], ${kind} ${name}`);
  const isInjected = name === "contrast-secrets" && kind === "emptyDir";
  const origin: Origin = isInjected
    ? { ...field, source: "contrast", detail: "injected: certificates and secrets" }
    : field;
  return { name, kind, origin };
}

function kindOf(volume: Volume): string {
  return (
    Object.keys(volume).find((key) => key !== "name" && volume[key] !== undefined && volume[key] !== null) ?? "volume"
  );
}

function originOf({ destination }: MountView, isRoutine: boolean, { view, source }: ContainerInputs): Origin {
  const template = view.isSandbox ? "pause_container.Mounts" : "other_container.Mounts";
  const isUsual = RUNTIME_MOUNTS.has(destination) || KUBELET_FILES.has(destination) || TOKENS.has(destination);
  if (isUsual && !isRoutine) return unknownOrigin("not as the shipped settings write it; own settings");
  if (destination === "/dev/shm") return { source: "settings", detail: template };
  if (RUNTIME_MOUNTS.has(destination)) return { source: "runtime", detail: "in every container" };
  if (KUBELET_FILES.has(destination)) return { source: "settings", detail: template };
  if (TOKENS.has(destination)) return { source: "settings", detail: template };
  return source === undefined
    ? unknownOrigin("volume of the YAML, or of the image")
    : { source: "image", detail: "Volumes" };
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
