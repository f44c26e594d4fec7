const REPOSITORY = "ghcr.io/edgelesssys/contrast";

/** The release whose cluster components this program works with. */
const RELEASE_TAG = "v1.4.1";

/** Images of Contrast that cluster objects name; all of them lie in one repository. */
export type ContrastImage =
  | "coordinator"
  | "node-installer-kata"
  | "node-installer-microsoft"
  | "nydus-pull"
  | "nydus-snapshotter"
  | "port-forwarder"
  | "tardev-snapshotter";

/** Gives the reference of an image, such as `ghcr.io/edgelesssys/contrast/nydus-pull:v1.4.1`. */
export type ImageTable = (image: ContrastImage) => string;

/**
 * Makes the table of images from replacements, whose left sides are the names with the tag `latest`. Without a
 * replacement an image has the tag of the release: its digest is not known to this build.
 *
 * @param replacements tables from image to replacement; the first that knows an image wins
 */
export function createImageTable(...replacements: readonly ReadonlyMap<string, string>[]): ImageTable {
  return (image) => {
    const name = `${REPOSITORY}/${image}`;
    for (const table of replacements) {
      const replacement = table.get(`${name}:latest`);
      if (replacement !== undefined) return replacement;
    }
    return `${name}:${RELEASE_TAG}`;
  };
}
