import type { EnvironmentVariable } from "../../kubernetes/pod/container.ts";
import type { ContainerView } from "../policy-view.ts";
import type { Origin, Row, Section } from "./description.ts";
import { type ContainerInYaml, type PodSource, unknownOrigin } from "./pod-source.ts";
import { roomOf } from "./room-of.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The variables that a container may have. */
export function environmentSection(
  view: ContainerView,
  isEmbeddedRules: boolean,
  source: PodSource | undefined,
  inYaml: ContainerInYaml | undefined,
): Section {
  const originOf = originsOf(source, inYaml);
  const rows = view.env.map((entry): Row => {
    const [name, value] = splitVariable(entry);
    return { subject: name, value, ...roomOf(value, isEmbeddedRules), origin: originOf(name, value) };
  });
  return {
    id: "environment",
    title: "Environment",
    rows,
    ...(rows.length === 0 ? { note: "No variables of its own." } : {}),
  };
}

/** Parts of `NAME=value`. */
export function splitVariable(entry: string): readonly [name: string, value: string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}

/**
 * Names of variables whose text in the YAML is another one than in the policy: the YAML was changed after `generate`.
 * References to other variables are not expanded here, so that values with `$` say nothing.
 */
export function changedVariables(view: ContainerView, { container }: ContainerInYaml): readonly string[] {
  const inPolicy = new Map(view.env.map((entry) => splitVariable(entry)));
  const inYaml = new Map((container.env ?? []).map((variable) => [variable.name, variable]));
  return [...inYaml].flatMap(([name, { value, valueFrom }]) => {
    if (valueFrom !== undefined && valueFrom !== null) return [];
    const text = value ?? "";
    return text.includes("$") || inPolicy.get(name) === text ? [] : [name];
  });
}

/** Variables that the YAML fills from Secrets; of whole Secrets only the prefix of the names is known. */
export function secretVariables({ container }: ContainerInYaml): readonly string[] {
  const single = (container.env ?? []).filter(({ valueFrom }) => valueFrom?.secretKeyRef);
  const whole = (container.envFrom ?? []).filter(({ secretRef }) => secretRef);
  return [
    ...single.map(({ name }) => name),
    ...whole.map(({ prefix, secretRef }) => `${prefix ?? ""}* (Secret ${secretRef?.name ?? ""})`),
  ];
}

function originsOf(
  source: PodSource | undefined,
  inYaml: ContainerInYaml | undefined,
): (name: string, value: string) => Origin {
  const variables = new Map(
    (inYaml?.container.env ?? []).map((variable, index) => [variable.name, { variable, index }]),
  );
  return (name, value) => {
    const own = variables.get(name);
    if (source !== undefined && inYaml !== undefined) {
      if (own !== undefined)
        return source.field([...inYaml.path, "env", own.index], fieldText(own.variable, own.index));
      const imported = importedFrom(name, source, inYaml);
      if (imported !== undefined) return imported;
    }
    if (name === "HOSTNAME" && value === "$(host-name)") return { source: "runtime", detail: "set by the runtime" };
    if (name === "PATH" && value === DEFAULT_PATH) return { source: "image", detail: "Env, or the runtime's default" };
    if (name === "TERM" && value === "xterm") return { source: "runtime", detail: "set for a terminal (tty)" };
    if (inYaml !== undefined || source !== undefined) return { source: "image", detail: "Env" };
    return unknownOrigin("YAML or image");
  };
}

/** The ConfigMap or Secret that brings a variable by `envFrom`; the last one wins. */
function importedFrom(name: string, source: PodSource, { container, path }: ContainerInYaml): Origin | undefined {
  for (const [index, entry] of [...(container.envFrom ?? []).entries()].toReversed()) {
    const prefix = entry.prefix ?? "";
    const reference = entry.configMapRef ?? entry.secretRef;
    if (reference === undefined || reference === null || !name.startsWith(prefix)) continue;
    const kind = entry.configMapRef === undefined || entry.configMapRef === null ? "Secret" : "ConfigMap";
    if (source.hasKey(kind, reference.name, name.slice(prefix.length)) !== true) continue;
    return source.field([...path, "envFrom", index], `envFrom[${index}], ${kind} ${reference.name}`);
  }
  return undefined;
}

function fieldText({ valueFrom }: EnvironmentVariable, index: number): string {
  const from = `env[${index}]`;
  if (valueFrom?.configMapKeyRef) return `${from}, ConfigMap ${valueFrom.configMapKeyRef.name}`;
  if (valueFrom?.secretKeyRef) return `${from}, Secret ${valueFrom.secretKeyRef.name}`;
  if (valueFrom?.fieldRef) return `${from}, ${valueFrom.fieldRef.fieldPath}`;
  if (valueFrom?.resourceFieldRef) return `${from}, ${valueFrom.resourceFieldRef.resource}`;
  return `${from}.value`;
}
