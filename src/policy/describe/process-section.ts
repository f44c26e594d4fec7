import type { ContainerView } from "../policy-view.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { Origin, Row, Section } from "./description.ts";
import { imageRow } from "./image-row.ts";
import { type ContainerInYaml, unknownOrigin } from "./pod-source.ts";
import { roomOf } from "./room-of.ts";

/** Image, user and the other single values of a container. */
export function processSection(inputs: ContainerInputs): Section {
  const { view, inYaml, source } = inputs;
  const security = inYaml?.container.securityContext;
  const field = (name: string, isSet: boolean, otherwise: Origin): Origin =>
    isSet && source !== undefined && inYaml !== undefined
      ? source.field([...inYaml.path, ...name.split(".")], name)
      : otherwise;
  const settings: Origin = { source: "settings", detail: "of the pause container" };
  const usual = view.isSandbox
    ? settings
    : source === undefined
      ? unknownOrigin("YAML, or the default")
      : runtime("default");
  const { uid, gid, additionalGids } = view.user;
  const groups = additionalGids.length === 0 ? "" : `, groups ${additionalGids.join(", ")}`;
  const rows: Row[] = [
    imageRow(inputs),
    {
      subject: "User",
      value: `${uid ?? "unknown"}, group ${gid ?? "unknown"}${groups}`,
      room: "fixed",
      origin: userOrigin(inputs),
    },
    {
      subject: "Directory",
      value: view.cwd === "" ? "/" : view.cwd,
      room: "fixed",
      origin: field("workingDir", Boolean(inYaml?.container.workingDir), imageOrigin(inputs, "WorkingDir")),
    },
    {
      subject: "Terminal",
      value: view.terminal ? "yes" : "no",
      room: "fixed",
      origin: field("tty", inYaml?.container.tty !== undefined && inYaml.container.tty !== null, usual),
    },
    {
      subject: "May gain privileges",
      value: view.noNewPrivileges ? "no" : "yes",
      room: "fixed",
      note: view.noNewPrivileges ? "programs with set-user-ID gain nothing" : "programs with set-user-ID work",
      origin: field("securityContext.allowPrivilegeEscalation", isSet(security?.allowPrivilegeEscalation), usual),
    },
    {
      subject: "Root file system",
      value: view.readOnlyRoot ? "read-only" : "writable",
      room: "fixed",
      origin: field("securityContext.readOnlyRootFilesystem", isSet(security?.readOnlyRootFilesystem), usual),
    },
    {
      subject: "Processes",
      value: view.sharesProcesses ? "shared with the other containers of the pod" : "its own only",
      room: "fixed",
      origin:
        source !== undefined && isSet(source.view.podSpec.shareProcessNamespace)
          ? source.field(["shareProcessNamespace"])
          : usual,
    },
  ];
  return { id: "process", title: "Image and process", rows };
}

function userOrigin({ source, inYaml }: ContainerInputs): Origin {
  if (source === undefined) return unknownOrigin("YAML or image");
  const own = inYaml?.container.securityContext;
  const pod = source.view.podSpec.securityContext;
  const isNumber = (value: unknown): boolean => value !== undefined && value !== null;
  if (inYaml !== undefined && (isNumber(own?.runAsUser) || isNumber(own?.runAsGroup))) {
    return source.field([...inYaml.path, "securityContext"], "securityContext");
  }
  if (isNumber(pod?.runAsUser) || isNumber(pod?.runAsGroup))
    return source.field(["securityContext"], "pod securityContext");
  return { source: "image", detail: "User" };
}

function imageOrigin({ source }: ContainerInputs, member: string): Origin {
  return source === undefined ? unknownOrigin("YAML or image") : { source: "image", detail: member };
}

/** The command line, one row for each argument. */
export function commandSection({ view, isEmbeddedRules, source, inYaml }: ContainerInputs): Section {
  const { command, args } = inYaml?.container ?? {};
  const commandCount = command?.length ?? 0;
  const argCount = args?.length ?? 0;
  const firstArg = isSet(command) ? commandCount : view.args.length - argCount;
  const originOf = (index: number): Origin => {
    if (view.isSandbox) return { source: "settings", detail: "pause_container.Process.Args" };
    if (source === undefined || inYaml === undefined) return unknownOrigin("YAML or image");
    if (index < commandCount) return source.field([...inYaml.path, "command", index], `command[${index}]`);
    const inArgs = index - firstArg;
    if (inArgs >= 0 && inArgs < argCount) return source.field([...inYaml.path, "args", inArgs], `args[${inArgs}]`);
    return { source: "image", detail: isSet(args) ? "Entrypoint" : "Entrypoint, Cmd" };
  };
  const rows = view.args.map((value, index) => ({
    subject: String(index),
    value,
    ...roomOf(value, isEmbeddedRules),
    origin: originOf(index),
  }));
  return { id: "command", title: "Command", rows, ...(rows.length === 0 ? { note: "No arguments." } : {}) };
}

/** Elements of command and args that the policy does not have at their place; those with variables are not compared. */
export function changedArguments(view: ContainerView, { container }: ContainerInYaml): readonly string[] {
  const command = container.command ?? [];
  const args = container.args ?? [];
  const count = command.length + args.length;
  // Without a command the image's comes first; without both, all of it is the image's.
  const isOther = command.length > 0 ? view.args.length !== count : view.args.length < count;
  if (isOther) return [args.length > 0 ? "args" : "command"];
  const first = view.args.length - args.length;
  const differs = (text: string, index: number): boolean => !text.includes("$") && view.args[index] !== text;
  return [
    ...command.flatMap((text, index) => (differs(text, index) ? [`command[${index}]`] : [])),
    ...args.flatMap((text, index) => (differs(text, first + index) ? [`args[${index}]`] : [])),
  ];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function runtime(detail: string): Origin {
  return { source: "runtime", detail };
}
