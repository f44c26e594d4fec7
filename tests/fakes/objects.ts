import { type KubernetesObject, objectsOf } from "../../src/kubernetes/object.ts";
import type { Path } from "../../src/kubernetes/path.ts";
import { renderPath } from "../../src/kubernetes/path.ts";
import type { Workload } from "../../src/kubernetes/workload.ts";
import { workloadOf } from "../../src/kubernetes/workload.ts";
import { YamlStream } from "../../src/kubernetes/yaml-stream.ts";
import type { Problem } from "../../src/lib/problems.ts";
import { Problems } from "../../src/lib/problems.ts";

/** The objects of a YAML text; problems of the text itself fail the test. */
export function objectsFrom(yaml: string): readonly KubernetesObject[] {
  const fail = (problem: Problem): never => {
    throw new Error(`${problem.code}: ${problem.message}`);
  };
  return objectsOf(new YamlStream(yaml, "test.yaml", fail), fail);
}

/** The only workload of a YAML text. */
export function workloadFrom(yaml: string): { readonly object: KubernetesObject; readonly workload: Workload } {
  const [object] = objectsFrom(yaml);
  const workload = object && workloadOf(object);
  if (object === undefined || workload === undefined) throw new Error("no workload in the YAML");
  return { object, workload };
}

/** Collects problems whose path is that inside the object. */
export function pathContext() {
  const problems = new Problems();
  return {
    problems,
    locate: (path: Path) => ({ path: renderPath(path) }),
    /** Errors as `code path`. */
    errors: () => problems.errors.map(({ code, path }) => `${code} ${path}`),
    /** Warnings as `code path`. */
    warnings: () => problems.warnings.map(({ code, path }) => `${code} ${path}`),
  };
}
