import { ContrastError, messageChainOf } from "../lib/errors.ts";
import { mapPool } from "../lib/pool.ts";
import type { Place, Problem, Problems } from "../lib/problems.ts";
import type { Image, ImageProvider } from "../oci/image.ts";

/** Images by reference as the YAML writes it. */
export type Images = ReadonlyMap<string, Image>;

/** How many images are asked for at the same time; the registry client has limits of its own. */
const PARALLEL_IMAGES = 16;

/**
 * Fetches manifest and configuration of every image. All that cannot be had is reported, not only the first.
 *
 * @param places where each reference is first used
 */
export async function fetchImages(
  places: ReadonlyMap<string, Place>,
  provider: ImageProvider,
  signal: AbortSignal,
  problems: Problems,
): Promise<Images> {
  const images = new Map<string, Image>();
  const failures = new Map<string, unknown>();
  await mapPool([...places.keys()], PARALLEL_IMAGES, async (reference) => {
    try {
      images.set(reference, await provider.image(reference));
    } catch (error) {
      signal.throwIfAborted();
      failures.set(reference, error);
    }
  });
  // Told in the order of the input, not in that of the answers.
  for (const [reference, place] of places) {
    if (failures.has(reference)) problems.error({ ...place, ...describedFailure(failures.get(reference)) });
  }
  return images;
}

/** The words and the code of a failed fetch; whatever is no ContrastError is a defect and goes on. */
export function describedFailure(error: unknown): Pick<Problem, "code" | "message" | "hint"> {
  if (!(error instanceof ContrastError)) throw error;
  let hint: string | undefined;
  for (let link: unknown = error; link instanceof ContrastError; link = link.cause) hint ??= link.hint;
  return { code: error.code, message: messageChainOf(error), hint };
}

/** Serves what was fetched before; asking for another image is a defect of this program. */
export function fetchedImages(images: Images): ImageProvider {
  return {
    image: async (reference: string): Promise<Image> => {
      const image = images.get(reference);
      if (image !== undefined) return image;
      throw new ContrastError("lib/internal", `Cannot use image "${reference}": it was not fetched`);
    },
  };
}
