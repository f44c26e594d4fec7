/** Image that `generate` names for a sidecar before images are replaced. */
export const SIDECAR_IMAGE = "ghcr.io/edgelesssys/contrast/service-mesh-proxy:latest";

const ORIGINAL_IMAGE = /(?:^|\/)edgelesssys\/contrast\/service-mesh-proxy(?:[:@]|$)/;

/** Whether an image is the original's sidecar, in any registry that mirrors it by path. */
export function isOriginalSidecarImage(image: string): boolean {
  return ORIGINAL_IMAGE.test(image);
}
