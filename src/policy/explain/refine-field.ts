import type { Path } from "../../kubernetes/path.ts";
import { isValueList, isValueMap, ownValue, type Value, valueAt } from "../../kubernetes/value.ts";

/** The element of a request that a field of the YAML is looked for. */
export interface Subject {
  readonly check: string;
  /** Name of a variable, path of a mount or device, key of an annotation. */
  readonly key: string | undefined;
  /** Position in a list, for arguments. */
  readonly index: number | undefined;
  /** Member that differs, such as `GID`. */
  readonly member: string | undefined;
}

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];

/** The way from a container of the YAML to what governs an element, as far as the YAML has it. */
export function refineField(container: Value | undefined, field: Path, subject: Subject): Path {
  switch (subject.check) {
    case "env":
      return variablePath(container, subject.key);
    case "args":
      return argumentPath(container, subject.index);
    case "mounts":
      return elementPath(container, "volumeMounts", "mountPath", subject.key);
    case "linux_devices":
    case "devices":
      return elementPath(container, "volumeDevices", "devicePath", subject.key);
    case "user":
      return ["securityContext", USER_FIELDS[subject.member ?? ""] ?? "runAsUser"];
    case "command":
      return commandPath(container) ?? field;
    default:
      return field;
  }
}

const USER_FIELDS: Readonly<Record<string, string>> = {
  UID: "runAsUser",
  GID: "runAsGroup",
  AdditionalGids: "supplementalGroups",
};

function variablePath(container: Value | undefined, name: string | undefined): Path {
  const index = indexOf(container, "env", "name", name);
  if (index === -1) return ["env"];
  return ["env", index, valueAt(container, ["env", index, "valueFrom"]) === undefined ? "value" : "valueFrom"];
}

/** The arguments of a process are the command, or that of the image, and behind it the arguments of the YAML. */
function argumentPath(container: Value | undefined, index: number | undefined): Path {
  const command = lengthOf(container, "command");
  const args = lengthOf(container, "args");
  if (command === 0) return args === 0 ? ["image"] : ["args"];
  if (index === undefined) return ["command"];
  if (index < command) return ["command", index];
  return index - command < args ? ["args", index - command] : [args === 0 ? "command" : "args"];
}

function elementPath(container: Value | undefined, list: string, member: string, key: string | undefined): Path {
  const index = indexOf(container, list, member, key);
  return index === -1 ? [list] : [list, index];
}

function commandPath(container: Value | undefined): Path | undefined {
  const probe = PROBES.find((name) => valueAt(container, [name, "exec"]) !== undefined);
  if (probe !== undefined) return [probe, "exec", "command"];
  const hook = ["postStart", "preStop"].find((name) => valueAt(container, ["lifecycle", name, "exec"]) !== undefined);
  return hook === undefined ? undefined : ["lifecycle", hook, "exec", "command"];
}

function lengthOf(container: Value | undefined, list: string): number {
  const items = valueAt(container, [list]);
  return isValueList(items) ? items.length : 0;
}

/** Index of the element whose member has a value, the slash at the end of a path aside. */
function indexOf(container: Value | undefined, list: string, member: string, key: string | undefined): number {
  const items = valueAt(container, [list]);
  if (!isValueList(items) || key === undefined) return -1;
  return items.findIndex((item) => {
    const value = isValueMap(item) ? ownValue(item, member) : undefined;
    return typeof value === "string" && (value === key || value.replace(/\/+$/, "") === key);
  });
}
