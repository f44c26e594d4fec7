import { discoverYamlFiles } from "../../kubernetes/discover-yaml-files.ts";
import { MAX_YAML_BYTES, parseInput } from "../../kubernetes/input-set.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { valueAt, isValueList, isValueMap } from "../../kubernetes/value.ts";
import { workloadOf } from "../../kubernetes/workload.ts";
import { readBytes } from "../../lib/files.ts";
import { Problems } from "../../lib/problems.ts";
import type { FoundPolicy } from "../found-policy.ts";
import type { PolicyView } from "../policy-view.ts";

/** No fault of a file matters: its objects are only looked at. */
const NOTHING = /(?!)/;

/**
 * The workload that a policy belongs to, among YAML that may not carry the policy: the one of its name, or the only one
 * that has all of its containers.
 *
 * @returns undefined where none or several fit
 * @throws ContrastError `kubernetes/path-missing`, `kubernetes/no-yaml-files`, the codes of reading files
 */
export async function findWorkload(
  paths: readonly string[],
  { label }: FoundPolicy,
  view: PolicyView | undefined,
): Promise<KubernetesObject | undefined> {
  const problems = new Problems();
  const objects: KubernetesObject[] = [];
  for (const path of await discoverYamlFiles(paths, (problem) => problems.warn(problem))) {
    const bytes = await readBytes(path, "YAML file", MAX_YAML_BYTES);
    objects.push(...(parseInput(bytes, path, problems, NOTHING)?.objects ?? []));
  }
  const workloads = objects.filter((object) => workloadOf(object) !== undefined);
  const named = workloads.filter((object) => object.label === label);
  const wanted = (view?.containers ?? []).filter(({ isSandbox }) => !isSandbox).map(({ name }) => name);
  const fitting = workloads.filter((object) => {
    const names = containerNames(object);
    return wanted.length > 0 && wanted.every((name) => names.has(name));
  });
  const [only, second] = named.length === 1 ? named : fitting;
  return second === undefined ? only : undefined;
}

function containerNames(object: KubernetesObject): ReadonlySet<unknown> {
  const podSpecPath = workloadOf(object)?.podSpecPath ?? [];
  const lists = ["containers", "initContainers"].map((list) => valueAt(object.value, [...podSpecPath, list]));
  const containers = lists.flatMap((list) => (isValueList(list) ? list : []));
  return new Set(containers.map((container) => (isValueMap(container) ? container["name"] : undefined)));
}
