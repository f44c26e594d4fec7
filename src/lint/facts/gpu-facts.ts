import { podTotal } from "../../kubernetes/pod/pod-total.ts";
import { wholeQuantity } from "../../kubernetes/pod/quantity.ts";
import { isValueMap, ownValue, type Value, type ValueMap } from "../../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../../kubernetes/value-reader.ts";
import type { Json } from "../../lib/json.ts";
import type { AnnotationMap } from "./annotation-facts.ts";

const VENDOR = "nvidia.com/";
const CDI_PREFIX = "cdi.k8s.io/";

/** Pods with more are not repaired. */
const MAX_REPAIRED = 16;
/** A larger number is taken for this one: no node has as many, and the pod does not count as one without GPUs. */
const MAX_GPUS = 9999n;

/** Resources of plugins for plain containers, and shares of a GPU: no runtime passes these to a VM. */
const PLAIN = /^nvidia\.com\/(?:gpu|gpu\.shared|mig-.*)$/;

/** Names with a domain of Kubernetes itself, in which pods cannot ask for devices; nor can they without domain. */
const NATIVE = /^(?:[^/]+\.)?kubernetes\.io\//;

/** A qualified name of a device: vendor, class and name. */
const DEVICE =
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\/[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?=[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?$/;

/** Adds what rules are told about the devices that a container asks for. */
export function addContainerGpuFacts(facts: Record<string, Json>, resources: ValueMap): void {
  const limits = mapAt(resources, "limits");
  const requests = mapAt(resources, "requests");
  const names = deviceNames(limits, requests);
  const hasClaims = listAt(resources, "claims").length > 0;
  // Most containers ask for no device.
  if (names.length === 0 && !hasClaims) return;
  const gpus = gpuCount(limits);
  const faults = names.flatMap((name) => limitFaults(name, limits, requests));
  const unpassed: Json[] = names.flatMap((name) =>
    PLAIN.test(name) ? [{ name, is: "plain" }] : name.startsWith(VENDOR) ? [] : [{ name, is: "foreign" }],
  );
  if (hasClaims) unpassed.push({ name: "claims", is: "claim" });
  if (gpus > 0) facts["gpus"] = gpus;
  if (faults.length > 0) facts["limit_faults"] = faults;
  if (unpassed.length > 0) facts["unpassed"] = unpassed;
}

/** Names of resources that are devices, each once. */
function deviceNames(limits: ValueMap, requests: ValueMap): readonly string[] {
  const isDevice = (name: string): boolean => name.includes("/") && !NATIVE.test(name);
  const limited = Object.keys(limits).filter(isDevice);
  const requested = Object.keys(requests).filter((name) => isDevice(name) && !limited.includes(name));
  return requested.length === 0 ? limited : [...limited, ...requested];
}

/**
 * Adds what rules are told about the GPUs of a pod, and about the annotations that name devices of its node.
 *
 * @param asksForGpus whether any container does
 */
export function addPodGpuFacts(
  facts: Record<string, Json>,
  podSpec: ValueMap,
  asksForGpus: boolean,
  [template, object]: readonly AnnotationMap[],
): void {
  const gpus = asksForGpus ? podGpus(podSpec) : 0;
  const devices = cdiDevices(template?.map ?? {});
  if (gpus > 0) facts["gpus"] = gpus;
  if (gpus > 0 && gpus <= MAX_REPAIRED) {
    facts["gpu_devices"] = Array.from({ length: gpus }, (_, index) => `nvidia.com/pgpu=${index}`).join(",");
  }
  if (devices.length > 0) facts["devices"] = devices;
  const misplaced = Object.keys(object?.map ?? {}).filter((key) => key.startsWith(CDI_PREFIX));
  if (misplaced.length > 0) facts["misplaced_devices"] = misplaced;
}

function podGpus(podSpec: ValueMap): number {
  const init = listAt(podSpec, "initContainers").map((container) => ({
    amount: gpusOf(container),
    isSidecar: isValueMap(container) && ownValue(container, "restartPolicy") === "Always",
  }));
  return podTotal(init, listAt(podSpec, "containers").map(gpusOf));
}

function gpusOf(container: Value): number {
  return isValueMap(container) ? gpuCount(mapAt(mapAt(container, "resources"), "limits")) : 0;
}

function gpuCount(limits: ValueMap): number {
  let sum = 0n;
  for (const name of Object.keys(limits)) {
    const count = name.startsWith(VENDOR) ? wholeOf(ownValue(limits, name)) : undefined;
    if (count !== undefined && count > 0n) sum += count;
  }
  return Number(sum > MAX_GPUS ? MAX_GPUS : sum);
}

/** What Kubernetes refuses about a resource that comes in pieces: it cannot be divided, and never shared. */
function limitFaults(name: string, limits: ValueMap, requests: ValueMap): readonly Json[] {
  const limit = wholeOf(ownValue(limits, name));
  const request = wholeOf(ownValue(requests, name));
  const fault = (list: string, is: string): Json => ({ path: ["resources", list, name], name, is });
  if (Object.hasOwn(limits, name) && (limit === undefined || limit < 0n)) return [fault("limits", "fraction")];
  if (!Object.hasOwn(requests, name)) return [];
  if (!Object.hasOwn(limits, name)) return [fault("requests", "unlimited")];
  return request === limit ? [] : [fault("requests", "unequal")];
}

function wholeOf(quantity: Value | undefined): bigint | undefined {
  if (typeof quantity !== "string" && typeof quantity !== "number" && typeof quantity !== "bigint") return undefined;
  try {
    return wholeQuantity(quantity);
  } catch {
    return undefined;
  }
}

/**
 * The devices that annotations name, each with its key; a name that is none has `is` instead of being counted.
 *
 * @see CNCF Container Device Interface, `pkg/cdi/annotations.go`
 */
function cdiDevices(annotations: ValueMap): readonly Json[] {
  const seen = new Set<string>();
  return Object.keys(annotations)
    .filter((key) => key.startsWith(CDI_PREFIX))
    .flatMap((key) =>
      (textAt(annotations, key) ?? "").split(",").map((name): Json => {
        const isAgain = seen.has(name);
        seen.add(name);
        if (key.startsWith(`${CDI_PREFIX}vfio`)) return { key, name, is: "reserved" };
        if (!DEVICE.test(name)) return { key, name, is: "malformed" };
        return { key, name, ...(isAgain && { is: "again" }) };
      }),
    );
}
