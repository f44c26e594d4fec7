import type { Json, JsonObject } from "../../lib/json.ts";
import {
  CAPABILITY_SETS,
  type CapabilitySet,
  type ContainerView,
  type PolicyView,
  type StorageView,
} from "../policy-view.ts";
import { pairKey } from "../usual-parts.ts";
import type { Origin, Row, Section } from "./description.ts";
import { unknownOrigin } from "./pod-source.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { roomOf } from "./room-of.ts";

/** The capabilities that a container has, sets of the same content in one row. */
export function capabilitySection({ view, policy, source, inYaml }: ContainerInputs): Section {
  const security = inYaml?.container.securityContext;
  const isGiven = Boolean(security?.capabilities) || security?.privileged === true;
  const origin: Origin =
    source !== undefined && inYaml !== undefined && isGiven
      ? source.field([...inYaml.path, "securityContext"], "securityContext")
      : source === undefined
        ? unknownOrigin("YAML, or the runtime's default")
        : { source: "runtime", detail: "default of containerd" };
  const groups = Map.groupBy(CAPABILITY_SETS, (set) => view.capabilities[set].join(" "));
  const rows = [...groups].map(([, sets]): Row => {
    const [first = "Bounding"] = sets;
    const tokens = view.capabilities[first];
    const list = capabilitiesOf(view, policy, first);
    const note = tokens.includes("$(privileged_caps)")
      ? "every capability: privileged"
      : tokens.includes("$(default_caps)")
        ? "the runtime's usual ones"
        : undefined;
    const value = list.length === 0 ? "none" : list.map((name) => name.replace(/^CAP_/, "")).join(" ");
    return { subject: sets.join(", "), value, room: "fixed", ...(note === undefined ? {} : { note }), origin };
  });
  return { id: "capabilities", title: "Capabilities", rows };
}

/** The names in one set, placeholders replaced by the lists they stand for. */
export function capabilitiesOf(view: ContainerView, { common }: PolicyView, set: CapabilitySet): readonly string[] {
  return view.capabilities[set].flatMap((token) => {
    if (token === "$(default_caps)") return textsOf(common, "default_caps") ?? [token];
    if (token === "$(privileged_caps)") return textsOf(common, "privileged_caps") ?? [token];
    return [token];
  });
}

function textsOf(object: JsonObject, key: string): readonly string[] | undefined {
  const value: Json | undefined = object[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}

/** Commands that the host may execute in a container. */
export function execSection({ view, policy, inYaml, source }: ContainerInputs): Section {
  const origins = execOrigins(inYaml);
  const own = view.execCommands.map((command, index): Row => {
    const field = origins.get(JSON.stringify(command));
    const origin =
      field === undefined || source === undefined || inYaml === undefined
        ? unknownOrigin("probe or hook of the YAML")
        : source.field([...inYaml.path, ...field], field.join("."));
    return {
      subject: String(index),
      value: commandText(command),
      room: "fixed",
      note: "at any time, as often as it likes",
      origin,
    };
  });
  const settings: Origin = { source: "settings", detail: "request_defaults.ExecProcessRequest" };
  const shared = policy.requests.execCommands.map((command): Row => ({
    subject: "any container",
    value: commandText(command),
    room: "fixed",
    origin: settings,
  }));
  const patterns = policy.requests.execPatterns.map((pattern): Row => ({
    subject: "any container",
    value: pattern,
    room: "pattern",
    note: "over the arguments, joined by spaces",
    origin: settings,
  }));
  const rows = [...own, ...shared, ...patterns];
  const note =
    rows.length === 0
      ? "The host may execute nothing in this container."
      : "The host may execute these, as the container's user.";
  return { id: "exec", title: "Commands that the host may execute", note, rows };
}

/** Arguments of a command as one text, quoted where they would not read back. */
export function commandText(command: readonly string[]): string {
  return command.map((part) => (/^[A-Za-z0-9_./:=@%+,-]+$/.test(part) ? part : JSON.stringify(part))).join(" ");
}

function execOrigins(inYaml: ContainerInputs["inYaml"]): ReadonlyMap<string, readonly string[]> {
  const origins = new Map<string, readonly string[]>();
  if (inYaml === undefined) return origins;
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = inYaml.container;
  const handlers = [
    [["livenessProbe", "exec"], livenessProbe?.exec?.command],
    [["readinessProbe", "exec"], readinessProbe?.exec?.command],
    [["startupProbe", "exec"], startupProbe?.exec?.command],
    [["lifecycle", "postStart", "exec"], lifecycle?.postStart?.exec?.command],
    [["lifecycle", "preStop", "exec"], lifecycle?.preStop?.exec?.command],
  ] as const;
  for (const [path, command] of handlers) {
    const key = JSON.stringify(command);
    if (command !== undefined && !origins.has(key)) origins.set(key, path);
  }
  return origins;
}

/** Storages that the guest mounts before the container starts, image layers apart. */
export function storageSections({ view, isEmbeddedRules }: ContainerInputs): readonly Section[] {
  const isLayer = ({ fstype }: StorageView): boolean => fstype === "tar" || fstype === "fuse3.kata-overlay";
  const layers = view.storages.filter(isLayer);
  const others = view.storages.filter((storage) => !isLayer(storage));
  const sections: Section[] = [];
  if (layers.length > 0) sections.push(layerSection(layers));
  if (others.length > 0) {
    const rows = others.map((storage) => storageRow(storage, isEmbeddedRules));
    sections.push({
      id: "storages",
      title: "Storages",
      note: "What the guest mounts before the container starts.",
      rows,
    });
  }
  return sections;
}

/** One storage as a row. */
export function storageRow(
  { driver, source, fstype, mountPoint, options, driverOptions }: StorageView,
  isEmbeddedRules: boolean,
): Row {
  const all = [...driverOptions, ...options];
  const what = [driver === "" ? "block device" : driver, fstype, source].filter((part) => part !== "").join(" ");
  const { room, note } = roomOf(`${source} ${mountPoint}`, isEmbeddedRules);
  return {
    subject: mountPoint,
    value: `${what}${all.length === 0 ? "" : ` (${all.join(",")})`}`,
    room: room === "fixed" && /^[\^$]/.test(mountPoint) ? "pattern" : room,
    ...(note === undefined ? {} : { note }),
    origin: { source: "settings", detail: "volumes, for a volume of the pod" },
  };
}

/** The layers of the image, the top one first, each with the root hash that the guest checks. */
function layerSection(layers: readonly StorageView[]): Section {
  const overlay = layers.find(({ fstype }) => fstype === "fuse3.kata-overlay");
  const ids = overlay?.options[0]?.split(":") ?? [];
  const hashes = overlay?.options[1]?.split(":") ?? [];
  const rows = ids.map((id, index): Row => ({
    subject: `layer ${index}`,
    value: hashes[index] ?? "no root hash",
    room: hashes[index] === undefined ? "any" : "fixed",
    note: `layer id ${id}`,
    origin: { source: "image", detail: "hashed by contrast generate" },
  }));
  const note = "The guest checks every block of each layer against its dm-verity root hash; layer 0 is on top.";
  return { id: "layers", title: "Image layers", note, rows };
}

/** Namespaces, hidden paths, kernel parameters and devices. */
export function isolationSection({ view, source, inYaml, usual }: ContainerInputs): Section {
  const kind = view.isSandbox ? "pause_container" : "other_container";
  const settings: Origin = { source: "settings", detail: `${kind}.Linux, or the runtime's default` };
  const devices: Origin =
    source !== undefined && inYaml?.container.volumeDevices
      ? source.field([...inYaml.path, "volumeDevices"], "volumeDevices")
      : unknownOrigin("YAML or settings");
  const row = (subject: string, value: string, origin: Origin, more: Partial<Row> = {}): Row => ({
    subject,
    value: value === "" ? "none" : value,
    room: "fixed",
    origin,
    ...more,
  });
  const list = (subject: string, paths: readonly string[]): Row => {
    const isRoutine = usual.some(({ pathLists }) => pathLists.has(paths.join(" ")));
    return row(subject, paths.join(" "), settings, { note: "at least these", ...(isRoutine ? { routine: true } : {}) });
  };
  const namespaces = view.namespaces.join(" ");
  const rows = [
    row(
      "Own namespaces",
      namespaces,
      { source: "runtime", detail: "in every container" },
      namespaces === "ipc uts mount" ? { routine: true } : {},
    ),
    list("Hidden paths", view.maskedPaths),
    list("Read-only paths", view.readonlyPaths),
    ...[...view.sysctls].map(([name, value]) => {
      const isRoutine = usual.some(({ sysctls }) => sysctls.has(pairKey(name, value)));
      return row("Kernel parameter", `${name}=${value}`, settings, isRoutine ? { routine: true } : {});
    }),
    ...view.deviceFiles.map((path) => row("Device file", path, devices)),
    ...view.devices.map((path) => row("Device", path, devices)),
  ];
  return { id: "isolation", title: "Namespaces, paths and devices", rows };
}
