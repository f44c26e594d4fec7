import type { Json } from "../../lib/json.ts";
import { POD_ROLE_ANNOTATION } from "../../kubernetes/contrast-names.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { isValueMap, ownValue, setOwn, type ValueMap } from "../../kubernetes/value.ts";
import { isConfidentialClass, isContrastClass, type Workload } from "../../kubernetes/workload.ts";
import type { LintOptions } from "../lint-options.ts";
import { addAnnotationBudget } from "./annotation-budget.ts";
import { addAnnotationFacts, annotationMaps, annotationText } from "./annotation-facts.ts";
import { containerFacts } from "./container-facts.ts";
import type { FactDetail } from "./fact-detail.ts";
import { addPodGpuFacts } from "./gpu-facts.ts";
import { jsonMap, jsonValue, pickJson } from "./json-value.ts";
import { meshFacts } from "./mesh-facts.ts";
import { quantityNumber } from "./quantity-number.ts";
import { listAt, mapAt, textAt } from "../../kubernetes/value-reader.ts";

const GUEST_MEMORY_ANNOTATION = "io.katacontainers.config.hypervisor.default_memory";

/** What the rules of this program read. */
const READ_ANNOTATIONS = [GUEST_MEMORY_ANNOTATION];
const READ_POD_FIELDS = ["hostNetwork", "hostPID", "hostIPC"];

/**
 * What rules are told about an object that makes pods.
 *
 * @param number of the object, which findings refer to
 * @param hasConfidentialSibling whether another object of its namespace has confidential pods
 */
export function workloadFacts(
  object: KubernetesObject,
  workload: Workload,
  podSpec: ValueMap,
  number: number,
  hasConfidentialSibling: boolean,
  options: LintOptions,
  detail: FactDetail,
): Json {
  const runtimeClass = textAt(podSpec, "runtimeClassName") ?? "";
  const confidential = isConfidentialClass(runtimeClass);
  const maps = annotationMaps(object.value, workload);
  const annotations = maps[0]?.map ?? {};
  const coordinator = annotationText(maps, POD_ROLE_ANNOTATION)?.text === "coordinator";
  const injected = isContrastClass(runtimeClass);
  const mesh = meshFacts(podSpec, maps, injected && !coordinator && !options.skipServiceMesh, options.images);
  const containers = containerFacts(podSpec, mesh !== undefined, detail);
  const facts: Record<string, Json> = { object: number, namespace: object.namespace ?? "", containers };
  if (detail === "all") {
    facts["kind"] = object.kind;
    facts["name"] = object.name ?? "";
    facts["labels"] = jsonMap(mapAt(mapAt(object.value, "metadata"), "labels"));
    facts["annotations"] = jsonMap(annotations);
    facts["pod"] = jsonMap(podSpec, ["containers", "initContainers"]);
  } else {
    addRead(facts, "annotations", annotations, READ_ANNOTATIONS);
    addRead(facts, "pod", podSpec, READ_POD_FIELDS);
  }
  if (detail === "all" || !confidential) facts["class"] = runtimeClass;
  if (confidential) facts["confidential"] = true;
  if (injected) facts["injected"] = true;
  if (coordinator) facts["coordinator"] = true;
  if (!confidential && hasConfidentialSibling) facts["beside_confidential"] = true;
  if (mesh !== undefined) facts["mesh"] = mesh;
  if (confidential) addAnnotationBudget(facts, annotations, podSpec, options.policyRulesBytes);
  addAnnotationFacts(facts, maps);
  addResourceFacts(facts, podSpec, annotations);
  const asksForGpus = containers.some((container) => Object.hasOwn(container, "gpus"));
  addPodGpuFacts(facts, podSpec, asksForGpus, maps);
  const replicas = ownValue(mapAt(object.value, "spec"), "replicas");
  if (typeof replicas === "number" && replicas > 1) facts["replicas"] = replicas;
  addVolumeFacts(facts, object, podSpec);
  return facts;
}

function addRead(facts: Record<string, Json>, member: string, map: ValueMap, keys: readonly string[]): void {
  if (keys.some((key) => Object.hasOwn(map, key))) facts[member] = pickJson(map, keys);
}

function addResourceFacts(facts: Record<string, Json>, podSpec: ValueMap, annotations: ValueMap): void {
  const guestMemory = textAt(annotations, GUEST_MEMORY_ANNOTATION);
  const podLimits = mapAt(mapAt(podSpec, "resources"), "limits");
  let cpus = quantityNumber(ownValue(podLimits, "cpu"));
  const hasPodCpus = cpus !== undefined;
  for (const container of listAt(podSpec, "containers")) {
    if (!isValueMap(container)) continue;
    const limits = mapAt(mapAt(container, "resources"), "limits");
    const own = quantityNumber(ownValue(limits, "cpu"));
    if (own !== undefined && !hasPodCpus) cpus = (cpus ?? 0) + own;
  }
  if (ownValue(podLimits, "memory") !== undefined) facts["pod_memory"] = true;
  if (guestMemory !== undefined && /^[0-9]{1,15}$/.test(guestMemory)) facts["guest_memory_mib"] = Number(guestMemory);
  if (cpus !== undefined) facts["cpu_millis"] = Math.round(cpus * 1000);
}

/** Source and its value by name of the volume; Kubernetes makes an emptyDir of a volume without source. */
function addVolumeFacts(facts: Record<string, Json>, object: KubernetesObject, podSpec: ValueMap): void {
  const volumes: Record<string, Json> = {};
  const spec = object.kind === "StatefulSet" ? mapAt(object.value, "spec") : {};
  for (const claim of listAt(spec, "volumeClaimTemplates")) {
    const name = isValueMap(claim) ? textAt(mapAt(claim, "metadata"), "name") : undefined;
    if (name !== undefined) setOwn(volumes, name, { source: "persistentVolumeClaim" });
  }
  for (const volume of listAt(podSpec, "volumes")) {
    const name = isValueMap(volume) ? textAt(volume, "name") : undefined;
    if (name === undefined || !isValueMap(volume)) continue;
    const source = Object.keys(volume).find((key) => key !== "name" && isValueMap(volume[key])) ?? "emptyDir";
    setOwn(volumes, name, { source, value: jsonValue(mapAt(volume, source)) });
  }
  if (Object.keys(volumes).length > 0) facts["volumes"] = volumes;
}
