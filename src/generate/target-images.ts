import type { Place, Problems } from "../lib/problems.ts";
import { pinReference } from "../oci/pin-reference.ts";
import type { Image } from "../oci/image.ts";
import { parseReference } from "../oci/reference.ts";
import { describedFailure, fetchImages, type Images } from "./fetch-images.ts";
import type { GenerateServices } from "./generate-options.ts";
import type { Target } from "./patch-targets.ts";
import { PatchedObject } from "./patched-object.ts";
import { withImages, workloadImages } from "./workload-images.ts";

/** Targets whose images are known. */
export interface ImagedTargets {
  readonly targets: readonly Target[];
  readonly images: Images;
}

/**
 * Fetches what policies need to know of every image, and writes digests into the YAML where the user asked for it.
 *
 * @param pauseImage of the settings; every pod has a container of it that no YAML names
 * @param problems receives every image that cannot be had
 */
export async function resolveTargetImages(
  targets: readonly Target[],
  pauseImage: string,
  pinImages: boolean,
  services: GenerateServices,
  problems: Problems,
): Promise<ImagedTargets> {
  const places = new Map<string, Place>([
    [pauseImage, { object: "pause container of every pod", path: "cluster_config.pause_container_image" }],
  ]);
  for (const { object, workload } of targets.filter((target) => target.needsPolicy)) {
    for (const { reference, path } of workloadImages(object.value, workload)) {
      if (!places.has(reference)) places.set(reference, object.locate(path));
    }
  }
  const images = await fetchImages(places, services.images, services.signal, problems);
  if (!pinImages) return { targets, images };
  places.delete(pauseImage);
  return pinTargets(targets, images, pinnedReferences(images, places, problems));
}

/** The reference with digest for each image that has none so far. */
function pinnedReferences(
  images: Images,
  places: ReadonlyMap<string, Place>,
  problems: Problems,
): ReadonlyMap<string, string> {
  const pins = new Map<string, string>();
  for (const [reference, place] of places) {
    const image = images.get(reference);
    if (image === undefined || parseReference(reference).digest !== undefined) continue;
    try {
      pins.set(reference, pinReference(image));
    } catch (error) {
      problems.error({ ...place, ...describedFailure(error) });
    }
  }
  return pins;
}

function pinTargets(targets: readonly Target[], images: Images, pins: ReadonlyMap<string, string>): ImagedTargets {
  const pinned = new Map(images);
  for (const [reference, replacement] of pins) {
    const image = images.get(reference);
    if (image === undefined) continue;
    pinned.set(replacement, renamed(image, replacement));
    pinned.delete(reference);
  }
  const pin = (reference: string): string => pins.get(reference) ?? reference;
  const pinObject = (object: PatchedObject, workload: Target["workload"]): PatchedObject =>
    new PatchedObject(object.source, withImages(object.value, workload, pin));
  return {
    images: pinned,
    targets: targets.map((target) =>
      target.needsPolicy
        ? {
            ...target,
            object: pinObject(target.object, target.workload),
            policyInput: pinObject(target.policyInput, target.workload),
          }
        : target,
    ),
  };
}

/** The same image under the reference that the YAML has from now on. */
function renamed(image: Image, reference: string): Image {
  const { digest, digestOrigin, manifestDigest, config } = image;
  const accounts = (): ReturnType<Image["accounts"]> => image.accounts();
  const layerHashes = (): ReturnType<Image["layerHashes"]> => image.layerHashes();
  return { reference, digest, digestOrigin, manifestDigest, config, accounts, layerHashes };
}

/** The targets whose images could all be had. */
export function targetsWithImages({ targets, images }: ImagedTargets): readonly Target[] {
  return targets.filter(({ policyInput, workload }) =>
    workloadImages(policyInput.value, workload).every(({ reference }) => images.has(reference)),
  );
}
