import type { Json } from "../../lib/json.ts";
import { POLICY_ANNOTATIONS } from "../../kubernetes/policy-annotations.ts";
import { isValueMap, ownValue, type ValueMap } from "../../kubernetes/value.ts";
import { listAt, textAt } from "../../kubernetes/value-reader.ts";

/** Kubernetes refuses objects whose annotations take more together. */
export const MAX_ANNOTATION_BYTES = 256 * 1024;
/** From here on a warning is due, because a policy grows with the next variable. */
const COMFORTABLE_ANNOTATION_BYTES = 200 * 1024;

/** What a policy says about a container beside its texts, measured with the settings of this version. */
const CONTAINER_BYTES = 6 * 1024;
const LISTED_PARTS = 3;

interface Part {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Adds how many bytes the annotations of a pod take, with the policy that it has or, estimated, with the one that it will
 * get; and the largest parts where that is much.
 *
 * @param rulesBytes length of the rules text in every policy
 */
export function addAnnotationBudget(
  facts: Record<string, Json>,
  annotations: ValueMap,
  podSpec: ValueMap,
  rulesBytes: number,
): void {
  const hasPolicy = POLICY_ANNOTATIONS.some((key) => typeof ownValue(annotations, key) === "string");
  let bytes = hasPolicy ? 0 : inBase64(rulesBytes);
  for (const key of Object.keys(annotations)) bytes += key.length + (textAt(annotations, key)?.length ?? 0);
  if (!hasPolicy) {
    forEachText(podSpec, (length) => void (bytes += inBase64(length)));
    bytes +=
      inBase64(CONTAINER_BYTES) * (listAt(podSpec, "initContainers").length + listAt(podSpec, "containers").length);
  }
  if (bytes <= COMFORTABLE_ANNOTATION_BYTES) return;
  const parts: Part[] = Object.keys(annotations).map((key) => ({
    name: `annotation ${key}`,
    bytes: key.length + (textAt(annotations, key)?.length ?? 0),
  }));
  forEachText(podSpec, (length, name) => parts.push({ name: name(), bytes: inBase64(length) }));
  if (!hasPolicy) parts.push({ name: "the rules of the policy", bytes: inBase64(rulesBytes) });
  const largest = parts.toSorted((left, right) => right.bytes - left.bytes).slice(0, LISTED_PARTS);
  facts["annotation_bytes"] = Math.round(bytes);
  facts["largest"] = largest.map((part) => ({ ...part }));
}

/** The texts of a pod that become part of its policy; few of them are ever named. */
function forEachText(podSpec: ValueMap, visit: (length: number, name: () => string) => void): void {
  for (const list of ["initContainers", "containers"]) {
    for (const container of listAt(podSpec, list)) {
      if (!isValueMap(container)) continue;
      const owner = (): string => `container ${textAt(container, "name") ?? ""}`;
      for (const entry of listAt(container, "env")) {
        if (!isValueMap(entry)) continue;
        const name = (): string => `${owner()}, variable ${textAt(entry, "name") ?? ""}`;
        visit(textAt(entry, "value")?.length ?? 0, name);
      }
      for (const field of ["command", "args"]) {
        let length = 0;
        for (const word of listAt(container, field)) if (typeof word === "string") length += word.length;
        if (length > 0) visit(length, () => `${owner()}, ${field}`);
      }
    }
  }
}

function inBase64(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}
