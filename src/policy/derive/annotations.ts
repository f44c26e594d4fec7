import { compareUtf8 } from "../../lib/go-json/go-json-codec.ts";
import type { SortedMap } from "../policy-data.ts";

/** Everything that decides the annotations of one container. */
export interface AnnotationsInput {
  readonly isPause: boolean;
  readonly hostNetwork: boolean;
  /** Annotations of the pod, without the policy itself. */
  readonly pod: ReadonlyMap<string, string>;
  readonly template: Readonly<Record<string, string>>;
  /** Pattern of the names that the pods get; undefined when any name is possible. */
  readonly sandboxName: string | undefined;
  /** Empty when the object names no namespace. */
  readonly namespace: string;
  /** Empty for the pause container. */
  readonly containerName: string;
  readonly image: string;
}

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/**
 * Derives the annotations that a container may carry; values are compared or used as patterns only where the rules say
 * so.
 *
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`
 */
export function deriveAnnotations(input: AnnotationsInput): SortedMap {
  const annotations = new Map(input.pod);
  // The runtime writes its own keys over the pod's; a pod that could set them would choose the patterns of the rules.
  const add = (key: string, value: string): void => void annotations.set(key, value);
  for (const [key, value] of Object.entries(input.template)) add(key, value);
  if (input.sandboxName !== undefined) add("io.kubernetes.cri.sandbox-name", input.sandboxName);
  if (!input.isPause) {
    add("io.kubernetes.cri.image-name", input.image.includes(":") ? input.image : `${input.image}:latest`);
  }
  annotations.set("io.kubernetes.cri.sandbox-namespace", input.namespace);
  if (input.containerName !== "") add("io.kubernetes.cri.container-name", input.containerName);
  if (input.isPause) {
    add("nerdctl/network-namespace", `^/var/run/netns/cni${input.hostNetwork ? "test" : ""}-${UUID}$`);
  }
  return sortedMap(annotations);
}

/** A map with its keys in byte order. */
export function sortedMap(entries: Iterable<readonly [string, string]>): SortedMap {
  const list = [...entries];
  // UTF-16 order is byte order, except beyond U+FFFF; a comparison of bytes costs much more.
  const compare = list.some(([key]) => SURROGATE.test(key)) ? compareUtf8 : compareText;
  return new Map(list.toSorted(([a], [b]) => compare(a, b)));
}

const SURROGATE = /[\ud800-\udfff]/;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
