import type { ConfigLookup } from "../../kubernetes/config-lookup.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { WorkloadView } from "../../kubernetes/pod/workload-view.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { configValues } from "../config-values.ts";
import type { ContainerImage } from "./pod-steps.ts";

/** Everything of a workload that requests for its containers depend on. */
export interface ShapeInput {
  readonly object: KubernetesObject;
  readonly view: WorkloadView;
  readonly configs: ConfigLookup;
  readonly containers: readonly ContainerImage[];
}

/**
 * A digest of everything that the check of a workload depends on, apart from its name. Workloads that differ in nothing
 * but their names get the same answers: where the texts with the names taken out are equal, one workload is the other
 * with its name replaced everywhere, and a name in its usual form is only ever compared with itself.
 *
 * @param dataText the data of the policy
 */
export function workloadShape(input: ShapeInput, dataText: string): string {
  const { object, view } = input;
  const { annotations, labels } = view.templateMetadata;
  const spec = JSON.stringify([object.kind, object.namespace, annotations, labels, object.value["spec"]], plain);
  const text = `${spec}\n${dataText}`;
  const { name } = object;
  const unnamed = name !== undefined && USUAL_NAME.test(name) ? text.replaceAll(wholeName(name), "\u0000") : text;
  return sha256Hex(`${unnamed}\n${sourcesOf(input)}`);
}

/** Long enough to be a word, short enough that no generated name is cut off; nothing that a pattern has to escape. */
const USUAL_NAME = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/;

/** The name where it is neither part of a longer word nor of an escape sequence. */
function wholeName(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9\\\\])${name}(?![A-Za-z0-9])`, "g");
}

/** Contents of what the workload only names: under another name there may be others. */
function sourcesOf({ object, view, configs, containers }: ShapeInput): string {
  const images = containers.map(({ image, accounts, layers }) => [
    image.digest,
    digestOf(image.config),
    digestOf(accounts),
    digestOf(layers),
  ]);
  const references = [...new Set(configReferences(view.podSpec))].toSorted();
  const contents = references.map((reference) => {
    const [kind, name = ""] = reference.split("/");
    const found =
      kind === "Secret" ? configs.secret(object.namespace, name) : configs.configMap(object.namespace, name);
    return found === undefined ? null : sha256Hex(JSON.stringify([...configValues(found, () => {})]));
  });
  return JSON.stringify([images, contents]);
}

const digests = new WeakMap<object, string>();

/** Images are shared by many containers, so each is digested once. */
function digestOf(value: object | undefined): string {
  if (value === undefined) return "";
  const digest = digests.get(value) ?? sha256Hex(JSON.stringify(value));
  digests.set(value, digest);
  return digest;
}

const CONFIG_KINDS: ReadonlyMap<string, string> = new Map([
  ["configMap", "ConfigMap"],
  ["configMapRef", "ConfigMap"],
  ["configMapKeyRef", "ConfigMap"],
  ["secret", "Secret"],
  ["secretRef", "Secret"],
  ["secretKeyRef", "Secret"],
]);

/** `Kind/name` of every ConfigMap and Secret that a pod spec refers to, in volumes and variables of any form. */
function configReferences(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([member, child]: [string, unknown]) => {
    const kind = CONFIG_KINDS.get(member);
    const names = kind === undefined ? [] : [memberOf(child, "name"), memberOf(child, "secretName")];
    return [
      ...names.filter((name) => typeof name === "string").map((name) => `${kind}/${name}`),
      ...configReferences(child),
    ];
  });
}

function memberOf(value: unknown, member: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === member)?.[1]
    : undefined;
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
