import type { Container, EnvironmentSource, EnvironmentVariable } from "../../kubernetes/pod/container.ts";
import type { Path } from "../../kubernetes/path.ts";
import { configValues } from "../config-values.ts";
import type { EnvironmentEntry } from "./environment.ts";
import type { PodContext } from "./pod-context.ts";
import type { TokenName } from "./token.ts";

/** Field references whose value only the cluster knows. */
const FIELD_TOKENS: ReadonlyMap<string, TokenName> = new Map([
  ["metadata.name", "sandbox-name"],
  ["metadata.uid", "pod-uid"],
  ["spec.nodeName", "node-name"],
  ["status.podIP", "pod-ip"],
  ["status.podIPs", "pod-ips"],
  ["status.hostIP", "host-ip"],
  ["status.hostIPs", "host-ips"],
]);

/**
 * Looks up the references in a container's `env`. Optional references without a target are left out, as the kubelet
 * does; others are reported.
 *
 * @param path of the container below the pod spec
 * @see kata-containers `src/tools/genpolicy/src/pod.rs`
 */
export function resolveVariables(context: PodContext, container: Container, path: Path): readonly EnvironmentEntry[] {
  return (container.env ?? [])
    .map((variable, index) => resolveVariable(context, variable, [...path, "env", index]))
    .filter((entry) => entry !== undefined);
}

/** Looks up a container's `envFrom`: all values, names with their prefix, in order. */
export function resolveImports(
  context: PodContext,
  container: Container,
  path: Path,
): readonly (readonly [name: string, value: string])[] {
  return (container.envFrom ?? []).flatMap((source, index) =>
    importedValues(context, source, [...path, "envFrom", index]),
  );
}

function resolveVariable(context: PodContext, variable: EnvironmentVariable, path: Path): EnvironmentEntry | undefined {
  const { name, value, valueFrom } = variable;
  if (valueFrom === undefined || (value !== undefined && value !== ""))
    return { name, kind: "text", value: value ?? "" };
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) return fieldEntry(context, name, fieldRef.fieldPath, [...path, "valueFrom", "fieldRef"]);
  if (resourceFieldRef !== undefined) return { name, kind: "token", token: "resource-field" };
  const reference = configMapKeyRef ?? secretKeyRef;
  if (reference === undefined) {
    context.error({
      code: "policy/field-unsupported",
      path,
      message: `the source of variable "${name}" is not supported`,
    });
    return undefined;
  }
  const kind = configMapKeyRef === undefined ? "Secret" : "ConfigMap";
  const found = valuesOf(context, kind, reference.name)?.get(reference.key);
  if (found !== undefined) return { name, kind: "literal", value: found };
  if (reference.optional !== true) {
    context.error({
      code: "policy/reference-unresolved",
      path: [...path, "valueFrom", kind === "Secret" ? "secretKeyRef" : "configMapKeyRef"],
      message: `variable "${name}": ${kind} "${reference.name}" with key "${reference.key}" is not in the input`,
      hint: `Pass the file that defines the ${kind} too, or mark the reference as optional.`,
    });
  }
  return undefined;
}

function fieldEntry(context: PodContext, name: string, field: string, path: Path): EnvironmentEntry | undefined {
  const token = FIELD_TOKENS.get(field);
  if (token !== undefined) return { name, kind: "token", token };
  const literal = (value: string): EnvironmentEntry => ({ name, kind: "literal", value });
  if (field === "metadata.namespace") {
    return context.namespace === "" ? { name, kind: "token", token: "sandbox-namespace" } : literal(context.namespace);
  }
  const { podSpec, templateMetadata } = context.view;
  if (field === "spec.serviceAccountName") {
    return literal(podSpec.serviceAccountName ?? podSpec.serviceAccount ?? "default");
  }
  const [, map, key = ""] = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(field) ?? [];
  if (map === "labels") {
    const label = Object.entries(templateMetadata.labels ?? {}).find(([known]) => known === key);
    if (label !== undefined) return literal(label[1]);
    context.error({
      code: "policy/reference-unresolved",
      path,
      message: `variable "${name}": the pods have no label "${key}"`,
      hint: "Add the label to the pod template; a label that the cluster adds later cannot be checked by the policy.",
    });
    return undefined;
  }
  if (map === "annotations") {
    const annotation = context.annotations.get(key);
    if (annotation !== undefined) return literal(annotation);
    context.warn({
      code: "policy/annotation-unknown",
      path,
      message: `variable "${name}": the pods have no annotation "${key}", so the policy accepts any value`,
    });
    return { name, kind: "token", token: "todo-annotation" };
  }
  context.error({
    code: "policy/field-unsupported",
    path,
    message: `variable "${name}": field "${field}" is not supported`,
  });
  return undefined;
}

function importedValues(
  context: PodContext,
  source: EnvironmentSource,
  path: Path,
): readonly (readonly [string, string])[] {
  const reference = source.configMapRef ?? source.secretRef;
  if (reference === undefined) return [];
  const kind = source.configMapRef === undefined ? "Secret" : "ConfigMap";
  const values = valuesOf(context, kind, reference.name);
  if (values === undefined) {
    if (reference.optional !== true) {
      context.error({
        code: "policy/reference-unresolved",
        path,
        message: `${kind} "${reference.name}" is not in the input`,
        hint: `Pass the file that defines the ${kind} too, or mark the reference as optional.`,
      });
    }
    return [];
  }
  return [...values].map(([key, value]) => [`${source.prefix ?? ""}${key}`, value]);
}

function valuesOf(
  context: PodContext,
  kind: "ConfigMap" | "Secret",
  name: string,
): ReadonlyMap<string, string> | undefined {
  const namespace = context.namespace === "" ? undefined : context.namespace;
  const object =
    kind === "Secret" ? context.configs.secret(namespace, name) : context.configs.configMap(namespace, name);
  return object === undefined ? undefined : configValues(object, context.report);
}
