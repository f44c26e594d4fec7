import type { Json } from "../../lib/json.ts";
import type { LintOptions } from "../lint-options.ts";
import { MAX_ANNOTATION_BYTES } from "./annotation-budget.ts";

/** Less than this holds neither a shell nor the files that it reads. */
const MINIMUM_CONTAINER_BYTES = 16 * 2 ** 20;
/** What the guest itself takes on the platform that gives it the least. */
const MINIMUM_GUEST_MIB = 256;
/** The launch measurements of a release are those of a guest with one processor. */
const GUEST_VCPUS = 1;

/** What rules are told beside the objects. */
export function optionFacts({ platform, images }: LintOptions): Json {
  const releases: Record<string, Json> = {};
  for (const replacement of images.values()) {
    const [name = ""] = replacement.split("@");
    const [, repository, tag] = /^(.*):([^:/]*)$/.exec(name) ?? [];
    if (repository !== undefined && tag !== undefined) releases[repository] = { tag, reference: replacement };
  }
  return {
    ...(platform !== undefined && { platform: { display: platform.display, gpu: platform.gpu } }),
    releases,
    replaced: Object.fromEntries([...images.keys()].map((image) => [image, true])),
    minimum_memory_bytes: MINIMUM_CONTAINER_BYTES,
    minimum_guest_mib: MINIMUM_GUEST_MIB,
    guest_vcpus: GUEST_VCPUS,
    maximum_annotation_bytes: MAX_ANNOTATION_BYTES,
  };
}
