import { volumeSources } from "../../kubernetes/pod/volume.ts";
import { lastComponent } from "./base-mounts.ts";
import type { ContainerSource } from "./container-source.ts";
import { escapePattern } from "../escape-pattern.ts";
import type { DerivedVolume } from "./mount-source.ts";
import type { PodContext } from "./pod-context.ts";
import type { PolicyMount, PolicyStorage } from "../policy-data.ts";
import { tokenFault } from "./token.ts";
import { addMounts, deriveClaimTemplate, deriveVolume } from "./volume-mounts.ts";

/**
 * Adds a container's volumes to its base mounts: claim templates of a StatefulSet, then the pod's volumes in their
 * order, then the volumes that the image declares.
 *
 * @see kata-containers `src/tools/genpolicy/src/mount_and_storage.rs`
 */
export function deriveVolumes(
  context: PodContext,
  source: ContainerSource,
  base: readonly PolicyMount[],
): { readonly mounts: readonly PolicyMount[]; readonly storages: readonly PolicyStorage[] } {
  const { container, image, path } = source;
  // The base is shared by many containers and printed once, as long as nothing is added to it.
  if ((container.volumeMounts ?? []).length + (image.config.Volumes ?? []).length === 0)
    return { mounts: base, storages: [] };
  const mounts = [...base];
  const storages: PolicyStorage[] = [];
  const { podSpec, volumeClaimTemplates } = context.view;
  const pending = new Set(container.volumeMounts ?? []);
  const apply = (derived: DerivedVolume): void => {
    addMounts(mounts, derived);
    storages.push(...derived.storages);
  };
  checkVolumeMounts(context, source);

  for (const claim of volumeClaimTemplates) {
    for (const mount of container.volumeMounts ?? []) {
      if (mount.name === claim.metadata?.name && pending.delete(mount)) apply(deriveClaimTemplate(mount));
    }
  }
  const fsGroup = podSpec.securityContext?.fsGroup ?? 0;
  for (const [index, volume] of (podSpec.volumes ?? []).entries()) {
    for (const mount of container.volumeMounts ?? []) {
      if (mount.name !== volume.name || !pending.delete(mount)) continue;
      const derived = deriveVolume({ volume, mount, settings: context.settings, fsGroup });
      if (derived !== undefined) apply(derived);
      else {
        const kind = volumeSources(volume).join(", ") || "a volume without source";
        const message = `volume "${volume.name}" (${kind}) cannot be represented in a policy`;
        context.error({ code: "policy/volume-unsupported", path: ["volumes", index], message });
      }
    }
  }
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    if (!pending.has(mount)) continue;
    const message = `the pod has no volume "${mount.name}"`;
    context.error({ code: "policy/volume-unknown", path: [...path, "volumeMounts", index, "name"], message });
  }

  const template = context.settings.volumes.image_volume;
  for (const declared of (image.config.Volumes ?? []).toSorted()) {
    const destination = declared.replaceAll(/\/{2,}/g, "/");
    if (mounts.some((mount) => mount.destination === destination)) continue;
    const source = `${template.mount_source}${escapePattern(lastComponent(destination))}$`;
    mounts.push({ destination, source, type_: template.fstype, options: template.options });
  }
  return { mounts, storages };
}

/** Refuses what the runtime cannot do for a guest, and texts that the rules would take for patterns. */
function checkVolumeMounts(context: PodContext, { container, path }: ContainerSource): void {
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const at = [...path, "volumeMounts", index];
    if (mount.subPath !== undefined && mount.subPath !== "") {
      context.error({
        code: "policy/field-unsupported",
        path: [...at, "subPath"],
        message: `volume "${mount.name}" is mounted with subPath, which the runtime does not support`,
        hint: "Mount the whole volume, or put the file into a volume of its own.",
      });
    }
    const volume = context.view.podSpec.volumes?.find(({ name }) => name === mount.name);
    const fault = tokenFault(mount.mountPath) ?? tokenFault(volume?.hostPath?.path ?? "");
    if (fault === undefined) continue;
    const message = `the path contains ${fault}, which policies use for their own values`;
    context.error({ code: "policy/token-in-text", path: [...at, "mountPath"], message });
  }
}
