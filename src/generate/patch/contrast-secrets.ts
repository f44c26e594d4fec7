import type { Value, ValueMap } from "../../kubernetes/value.ts";
import { isValueMap, ownValue } from "../../kubernetes/value.ts";
import { withMember } from "../edit-value.ts";
import type { ObjectContext, PatchView } from "../patch-view.ts";
import { mapsAt, reportError } from "../patch-view.ts";

const VOLUME_NAME = "contrast-secrets";

/** The mount through which certificates and secrets reach a container. */
export const SECRETS_MOUNT: ValueMap = { mountPath: "/contrast", name: VOLUME_NAME };

/**
 * Makes sure that the pod has the volume for certificates and secrets.
 *
 * @param context receives `generate/secrets-volume` when a volume of that name is something else
 * @returns undefined after an error
 */
export function withSecretsVolume(podSpec: ValueMap, view: PatchView, context: ObjectContext): ValueMap | undefined {
  const path = view.workload.podSpecPath;
  const volumes = mapsAt(podSpec, "volumes", path, context);
  if (volumes === undefined) return undefined;
  const index = volumes.findIndex((volume) => ownValue(volume, "name") === VOLUME_NAME);
  const existing = volumes[index];
  if (existing === undefined) return withMember(podSpec, "volumes", [...volumes, { emptyDir: {}, name: VOLUME_NAME }]);
  if (isValueMap(ownValue(existing, "emptyDir"))) return podSpec;
  const message = `volume ${VOLUME_NAME} has to be of type EmptyDir`;
  const hint = "Rename the volume; the name belongs to the volume that carries certificates.";
  reportError(context, "generate/secrets-volume", [...path, "volumes", index], message, hint);
  return undefined;
}

/**
 * Mounts the volume into every container that is not an init container, in place of other mounts of it.
 *
 * @returns undefined after `generate/wrong-type`
 */
export function withSecretsMounts(podSpec: ValueMap, view: PatchView, context: ObjectContext): ValueMap | undefined {
  const path = view.workload.podSpecPath;
  const containers = mapsAt(podSpec, "containers", path, context);
  if (containers === undefined) return undefined;
  const mounted: Value[] = [];
  for (const [index, container] of containers.entries()) {
    const mounts = mapsAt(container, "volumeMounts", [...path, "containers", index], context);
    if (mounts === undefined) return undefined;
    const others = mounts.filter((mount) => ownValue(mount, "name") !== VOLUME_NAME);
    mounted.push(withMember(container, "volumeMounts", [...others, SECRETS_MOUNT]));
  }
  return containers.length === 0 ? podSpec : withMember(podSpec, "containers", mounted);
}
