import { encodeBase64 } from "../../lib/base64.ts";
import { sha256Hex } from "../../lib/digest.ts";
import type { JsonObject } from "../../lib/json.ts";
import { storageOf } from "./kata-mounts.ts";
import type { ContainerModel } from "./pod-model.ts";

/** Prefix of what snapshotter, runtime and agent tell each other in mount options. */
const OPTION = "io.katacontainers.fs-opt.";

/** Where the snapshotter of Contrast keeps layers on the node. */
const FOLDER = "/var/lib/containerd/io.containerd.snapshotter.v1.tardev-contrast-cc-aks-clh-snp-0123abcd/layers";

/**
 * Block devices of the image's layers, top first, and the overlay that joins them, as the runtime of AKS sends them.
 *
 * @param rootPath root directory of the container in the guest
 * @see Microsoft's tardev-snapshotter; Kata `virtcontainers`, file system option `io.katacontainers.fs-opt.layer`
 */
export function layerStorages({ layers }: ContainerModel, rootPath: string): readonly JsonObject[] {
  const ids: string[] = [];
  let chain = "";
  for (const { diffId } of layers) {
    chain = chain === "" ? diffId : `sha256:${sha256Hex(`${chain} ${diffId}`)}`;
    ids.unshift(sha256Hex(chain));
  }
  const topFirst = layers.toReversed().map(({ rootHashHex }, index) => {
    const flags = ["ro", `${OPTION}block_device=file`, `${OPTION}is-layer`, `${OPTION}root-hash=${rootHashHex}`];
    return { id: ids[index] ?? "", flags };
  });
  const overlay = [
    `${OPTION}layer-src-prefix=${FOLDER}`,
    ...topFirst.map(({ id, flags }) => `${OPTION}layer=${base64([id, "tar", ...flags].join(","))}`),
    `${OPTION}overlay-rw`,
    `lowerdir=${ids.join(":")}`,
  ];
  return [
    ...topFirst.map(({ id, flags }, index) => {
      const address = `02/${index.toString(16).padStart(2, "0")}`;
      return storageOf("blk", address, "tar", `/run/kata-containers/sandbox/layers/${id}`, flags);
    }),
    storageOf("overlayfs", "none", "fuse3.kata-overlay", rootPath, overlay),
  ];
}

function base64(text: string): string {
  return encodeBase64(new TextEncoder().encode(text));
}
