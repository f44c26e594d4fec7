import type { ValueMap } from "../kubernetes/value.ts";

/** Label by which every object of Contrast is found. */
export const NAME_LABEL = "app.kubernetes.io/name";

/** What `metadata` has besides the name. */
interface MetadataParts {
  /** Left out where the object has none, or where whoever applies it chooses. */
  readonly namespace?: string | undefined;
  readonly labels?: ValueMap;
  readonly annotations?: ValueMap;
}

/** The `metadata` of an object; parts that are not there are left out. */
export function objectMetadata(name: string, { namespace, labels, annotations }: MetadataParts = {}): ValueMap {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
