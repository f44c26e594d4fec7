import type { NearestProfile } from "../nearest-profile.ts";
import type { PolicyView } from "../policy-view.ts";
import type { Origin, Row, Section } from "./description.ts";
import { commandText } from "./exec-section.ts";
import { storageRow } from "./storage-sections.ts";
import type { PodSource } from "./pod-source.ts";
import { roomOf } from "./room-of.ts";

const SANDBOX_NAME = "io.kubernetes.cri.sandbox-name";
const SANDBOX_NAMESPACE = "io.kubernetes.cri.sandbox-namespace";

/** What the switches of the settings allow, in words. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ["ReadStreamRequest", "read what containers print"],
  ["WriteStreamRequest", "write to the standard input of containers"],
  ["CloseStdinRequest", "close the standard input of containers"],
  ["UpdateEphemeralMountsRequest", "change the options of mounts in memory"],
  ["GetDiagnosticDataRequest", "read diagnostic data of the guest"],
]);

/** What explains the pod around a policy. */
interface PodInputs {
  readonly isEmbeddedRules: boolean;
  readonly source: PodSource | undefined;
  readonly nearest: NearestProfile | undefined;
}

/** What holds for the whole pod: its name, what the host may ask for besides starting containers, files it may bring. */
export function podSections(policy: PolicyView, { isEmbeddedRules, source, nearest }: PodInputs): readonly Section[] {
  const changed = new Set((nearest?.changes ?? []).map(({ path }) => path));
  const isShipped = (path: string): boolean => nearest !== undefined && !changed.has(path);
  return [
    identitySection(policy, isEmbeddedRules, source),
    requestSection(policy, isShipped),
    storageSection(policy, isEmbeddedRules, isShipped("sandbox.storages")),
  ];
}

function identitySection({ containers }: PolicyView, isEmbeddedRules: boolean, source: PodSource | undefined): Section {
  const [name, ...otherNames] = distinct(containers, SANDBOX_NAME);
  const [namespace = "", ...otherNamespaces] = distinct(containers, SANDBOX_NAMESPACE);
  const origin = (member: string): Origin =>
    source === undefined ? { source: "unknown", detail: "YAML" } : source.objectField(["metadata", member]);
  const rows: Row[] = [
    {
      subject: "Name",
      value: name === undefined ? "any" : [name, ...otherNames].join(" or "),
      room: name === undefined ? "any" : /^\^|\$\(/.test(name) ? "pattern" : "fixed",
      origin: origin("name"),
    },
    {
      subject: "Namespace",
      value: namespace === "" ? "any" : [namespace, ...otherNamespaces].join(" or "),
      room: namespace === "" ? "any" : roomOf(namespace, isEmbeddedRules).room,
      origin: origin("namespace"),
    },
  ];
  return { id: "identity", title: "Name of the pod", rows };
}

/** The values that containers have for an annotation; one, unless somebody put the policy together by hand. */
function distinct(containers: PolicyView["containers"], key: string): readonly string[] {
  return [...new Set(containers.flatMap(({ annotations }) => annotations.get(key) ?? []))];
}

function requestSection({ requests }: PolicyView, isShipped: (path: string) => boolean): Section {
  const routine = (path: string): Pick<Row, "routine"> =>
    isShipped(`request_defaults.${path}`) ? { routine: true } : {};
  const settings = (detail: string): Origin => ({ source: "settings", detail: `request_defaults.${detail}` });
  const switches = [...requests.switches].map(([name, allowed]): Row => ({
    subject: name,
    value: allowed ? "allowed" : "refused",
    room: allowed ? "any" : "fixed",
    note: `${allowed ? "the host may" : "the host may not"} ${SWITCHES.get(name) ?? "make this request"}`,
    origin: settings(name),
  }));
  const copies = requests.copyFilePatterns.map((value): Row => ({
    subject: "CopyFileRequest",
    value,
    room: "pattern",
    note: "files of these paths, with any content",
    origin: settings("CopyFileRequest"),
    ...routine("CopyFileRequest"),
  }));
  const commands = requests.execCommands.map((command): Row => ({
    subject: "ExecProcessRequest",
    value: commandText(command),
    room: "fixed",
    note: "in any container",
    origin: settings("ExecProcessRequest"),
  }));
  const patterns = requests.execPatterns.map((value): Row => ({
    subject: "ExecProcessRequest",
    value,
    room: "pattern",
    note: "in any container",
    origin: settings("ExecProcessRequest"),
  }));
  const variables = requests.envPatterns.map((value): Row => ({
    subject: "Variables",
    value,
    room: "pattern",
    note: "any container may have such a variable besides its own",
    origin: settings("CreateContainerRequest.allow_env_regex"),
    ...routine("CreateContainerRequest.allow_env_regex"),
  }));
  const rows = [...switches, ...copies, ...commands, ...patterns, ...variables];
  return { id: "requests", title: "What else the host may ask the guest for", rows };
}

function storageSection(
  { sandboxStorages, guestHooks }: PolicyView,
  isEmbeddedRules: boolean,
  isShipped: boolean,
): Section {
  const routine = isShipped ? ({ routine: true } as const) : {};
  const origin: Origin = { source: "settings", detail: "sandbox" };
  const hooks = guestHooks.map((value): Row => ({ subject: "Guest hook", value, room: "fixed", origin }));
  const storages = sandboxStorages.map((storage) => ({ ...storageRow(storage, isEmbeddedRules), origin, ...routine }));
  const rows = [...storages, ...hooks];
  return { id: "sandbox", title: "What the guest sets up for the pod", rows };
}
