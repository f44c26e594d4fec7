import type { Json } from "../../lib/json.ts";
import { INITIALIZER_NAME, SIDECAR_NAME } from "../../kubernetes/contrast-names.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isValueMap, ownValue, type ValueMap } from "../../kubernetes/value.ts";
import type { FactDetail } from "./fact-detail.ts";
import { addContainerGpuFacts } from "./gpu-facts.ts";
import { jsonMap, jsonValue, pickJson } from "./json-value.ts";
import { listenAddresses } from "./listen-addresses.ts";
import { quantityNumber } from "./quantity-number.ts";
import { listAt, mapAt, textAt } from "../../kubernetes/value-reader.ts";

/** Stands at the beginning of a path for the way from an object to its pod spec, however long that is. */
const POD = "$pod";

/** What rules are told about one container. */
export type ContainerFacts = Readonly<Record<string, Json>>;

/** A pod's containers in order, init containers first; those that are no maps are left out. */
export function containerFacts(podSpec: ValueMap, isMeshed: boolean, detail: FactDetail): readonly ContainerFacts[] {
  const facts: ContainerFacts[] = [];
  for (const list of ["initContainers", "containers"]) {
    for (const [index, container] of listAt(podSpec, list).entries()) {
      if (!isValueMap(container)) continue;
      facts.push(describe(container, [POD, list, index], list === "initContainers", isMeshed, detail));
    }
  }
  return facts;
}

function describe(
  container: ValueMap,
  path: Path,
  init: boolean,
  isMeshed: boolean,
  detail: FactDetail,
): ContainerFacts {
  const name = textAt(container, "name") ?? "";
  const injected = init && (name === INITIALIZER_NAME || name === SIDECAR_NAME);
  const resources = mapAt(container, "resources");
  const limit = ownValue(mapAt(resources, "limits"), "memory");
  const limitBytes = quantityNumber(limit);
  const requestBytes = quantityNumber(ownValue(mapAt(resources, "requests"), "memory"));
  const listens = isMeshed && !init ? listenAddresses(container) : [];
  const facts: Record<string, Json> = {
    path,
    name,
    spec: detail === "all" ? jsonMap(container) : readFields(container, isMeshed),
  };
  const secrets = secretSources(container);
  if (secrets.length > 0) facts["secrets"] = secrets;
  if (init) facts["init"] = true;
  if (injected) facts["injected"] = true;
  if (limit !== undefined && limit !== null) facts["has_memory_limit"] = true;
  if (limitBytes !== undefined) facts["memory_bytes"] = limitBytes;
  if (requestBytes !== undefined) facts["memory_request_bytes"] = requestBytes;
  addContainerGpuFacts(facts, resources);
  if (listens.length > 0) facts["listens"] = listens.map((listen) => ({ ...listen }));
  return facts;
}

/** Where variables come from Secrets: path in the container, and the variable where it is one alone. */
function secretSources(container: ValueMap): readonly Json[] {
  const found: Json[] = [];
  for (const [index, entry] of listAt(container, "env").entries()) {
    if (!isValueMap(entry) || !isValueMap(ownValue(mapAt(entry, "valueFrom"), "secretKeyRef"))) continue;
    found.push({ path: ["env", index, "valueFrom", "secretKeyRef"], name: textAt(entry, "name") ?? "" });
  }
  for (const [index, entry] of listAt(container, "envFrom").entries()) {
    if (!isValueMap(entry) || !isValueMap(ownValue(entry, "secretRef"))) continue;
    found.push({ path: ["envFrom", index, "secretRef"] });
  }
  return found;
}

/** What the rules of this program read of a container. */
const READ_FIELDS = [
  "image",
  "volumeMounts",
  "volumeDevices",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
];

/** The engine takes most of its time to read JSON, so it is handed little. */
function readFields(container: ValueMap, isMeshed: boolean): Json {
  const read: Record<string, Json> = pickJson(container, READ_FIELDS);
  const env = listAt(container, "env");
  if (env.length > 0) read["env"] = env.map((entry) => (isValueMap(entry) ? pickJson(entry, ["name", "value"]) : null));
  if (isMeshed) read["ports"] = jsonValue(listAt(container, "ports"));
  const privileged = ownValue(mapAt(container, "securityContext"), "privileged");
  if (privileged === true) read["securityContext"] = { privileged };
  return read;
}
