import { ContrastError } from "../lib/errors.ts";
import type { Image } from "./image.ts";

/**
 * The image's reference with its digest, to be written into YAML: `nginx:1.27` becomes `nginx:1.27@sha256:…`. The text
 * before the digest stays as the user wrote it; a reference that has a digest is returned as it is.
 *
 * @throws ContrastError `oci/digest-unprovable` for an image from a docker-archive
 */
export function pinReference(image: Image): string {
  const { reference, digest, digestOrigin } = image;
  if (reference.includes("@")) return reference;
  if (digestOrigin === "registry") return `${reference}@${digest}`;
  throw new ContrastError(
    "oci/digest-unprovable",
    `Cannot pin "${reference}": it comes from a docker-archive, which has no registry digest`,
    { hint: `Use an OCI layout instead: skopeo copy docker://${reference} oci:DIRECTORY` },
  );
}
