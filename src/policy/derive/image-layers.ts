import { sha256Digest, sha256Hex } from "../../lib/digest.ts";
import type { LayerHash } from "../../oci/image.ts";
import type { PolicyStorage } from "../policy-data.ts";
import { type ContainerSource, reported } from "./container-source.ts";
import type { PodContext } from "./pod-context.ts";

/**
 * Storages that make up the root file system of a container where guests verify the layers of its image: one for each
 * layer, the newest first, then the overlay of all. They carry identity and root hash of every layer.
 *
 * @param rootPath where the overlay is mounted, from the settings
 * @returns nothing for settings that do not verify layers, and where the layers cannot be had, which is then reported
 * @see Microsoft's fork of Kata Containers, `src/tools/genpolicy/src/mount_and_storage.rs`
 */
export async function deriveImageStorages(
  context: PodContext,
  { image, path, isPause }: ContainerSource,
  rootPath: string,
): Promise<readonly PolicyStorage[]> {
  if (context.settings.common.image_verification !== "tardev") return [];
  const imagePath = [...path, ...(isPause ? [] : ["image"])];
  const layers = await reported(context, imagePath, image.layerHashes());
  if (layers === undefined) return [];
  if (layers.length === 0) {
    const message = `image "${image.reference}" has no layers, so there is nothing that a guest could verify and mount`;
    context.error({ code: "policy/image-without-layers", path: imagePath, message });
    return [];
  }
  return imageStorages(layers, rootPath);
}

/**
 * Storages of an image with at least one layer.
 *
 * @param layers oldest first
 */
export function imageStorages(layers: readonly LayerHash[], rootPath: string): readonly PolicyStorage[] {
  const ids = layerIds(layers.map(({ diffId }) => diffId)).toReversed();
  const hashes = layers.map(({ rootHashHex }) => rootHashHex).toReversed();
  return [
    ...ids.map((_, index) => storageOf("blk", "tar", [`$(hash${index})`], `$(layer${index})`)),
    storageOf("overlayfs", "fuse3.kata-overlay", [ids.join(":"), hashes.join(":")], rootPath),
  ];
}

/**
 * Names under which the node's snapshotter keeps layers: the SHA-256 of their chain ids.
 *
 * @param diffIds `sha256:…`, oldest first
 * @returns 64 lower-case hexadecimal digits for each
 * @see OCI image specification v1.1, config.md, "Layer ChainID"
 */
export function layerIds(diffIds: readonly string[]): readonly string[] {
  let chainId: string | undefined;
  return diffIds.map((diffId) => {
    chainId = chainId === undefined ? diffId : sha256Digest(`${chainId} ${diffId}`);
    return sha256Hex(chainId);
  });
}

function storageOf(driver: string, fstype: string, options: readonly string[], mountPoint: string): PolicyStorage {
  return {
    driver,
    driver_options: [],
    source: "",
    fstype,
    options: [...options],
    mount_point: mountPoint,
    fs_group: null,
    shared: false,
  };
}
