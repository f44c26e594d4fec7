import { isValueList, isValueMap, ownValue, type Value, type ValueMap } from "../kubernetes/value.ts";

/** An image that objects name. */
export interface ResourceImage {
  readonly image: string;
  /** Whether it is named by its digest, so that it cannot be exchanged behind the name. */
  readonly isPinned: boolean;
}

/** The images of all containers in objects that this program made, each once, in their order. */
export function imagesOf(objects: readonly ValueMap[]): readonly ResourceImage[] {
  const images = new Set<string>();
  for (const object of objects) collect(object, images);
  return [...images].map((image) => ({ image, isPinned: /@sha(?:256|512):[0-9a-f]+$/.test(image) }));
}

function collect(value: Value, images: Set<string>): void {
  if (isValueList(value)) for (const item of value) collect(item, images);
  if (!isValueMap(value)) return;
  const image = ownValue(value, "image");
  if (typeof image === "string") images.add(image);
  for (const member of Object.values(value)) collect(member, images);
}
