import type { ContainerInputs } from "./container-inputs.ts";
import type { Origin, Row, Section } from "./description.ts";
import { unknownOrigin } from "./pod-source.ts";

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
