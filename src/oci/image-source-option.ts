import { ContrastError } from "../lib/errors.ts";
import { type ImageReference, canonicalReference, parseReference } from "./reference.ts";

/** A reference that is taken from disk instead of a registry. */
export interface ImageSourceOption {
  readonly reference: ImageReference;
  /** OCI layout (directory or tar) or docker-archive. */
  readonly path: string;
}

/**
 * Parses the values of `--image-source`: `REF=PATH`.
 *
 * @throws ContrastError `oci/image-source-invalid` for a malformed value or two paths for one reference
 */
export function parseImageSources(values: readonly string[]): readonly ImageSourceOption[] {
  const seen = new Set<string>();
  return values.map((value) => {
    const refuse = (fact: string, cause?: unknown): ContrastError =>
      new ContrastError("oci/image-source-invalid", `Cannot use image source "${value}": ${fact}`, { cause });
    const equals = value.indexOf("=");
    const path = value.slice(equals + 1);
    if (equals < 1 || path === "") throw refuse("need REF=PATH");
    let reference;
    try {
      reference = parseReference(value.slice(0, equals));
    } catch (error) {
      throw refuse("the part before = is not an image reference", error);
    }
    const name = canonicalReference(reference);
    if (seen.has(name)) throw refuse(`"${name}" has a path already`);
    seen.add(name);
    return { reference, path };
  });
}

/**
 * The source for a reference: same repository, and the same digest if the source names one, else the same tag. A
 * source without tag stands for `latest`, and a reference with nothing but a digest is looked for there too (the digest
 * is checked when the image is read).
 */
export function findImageSource(
  sources: readonly ImageSourceOption[],
  reference: ImageReference,
): ImageSourceOption | undefined {
  const fitting = sources.filter(
    ({ reference: { registry, repository } }) => registry === reference.registry && repository === reference.repository,
  );
  return (
    fitting.find(({ reference: { digest } }) => digest !== undefined && digest === reference.digest) ??
    fitting.find(({ reference: { digest, tag } }) => digest === undefined && tag === (reference.tag ?? "latest"))
  );
}
