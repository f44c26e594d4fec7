import type { KubernetesObject } from "../../kubernetes/object.ts";
import { valueAt } from "../../kubernetes/value.ts";

/** What the API server appends to a generated name, and the longest prefix that it keeps. */
const SUFFIX = "x7k2p";
const MAX_PREFIX = 58;
const TEMPLATE_HASH = "5d8f9c7b4d";
const MINUTES = "29397120";

/**
 * A name that the cluster could give to a pod of the object, made by the controllers' own steps.
 *
 * @see kubernetes `pkg/controller/controller_utils.go`, `pkg/controller/job/indexed_job_utils.go`
 */
export function examplePodName(object: KubernetesObject): string {
  const name = object.name ?? generated(object.generateName ?? "pod-");
  switch (object.kind) {
    case "Pod":
      return name;
    case "Deployment":
      return generated(`${name}-${TEMPLATE_HASH}-`);
    case "StatefulSet":
      return `${name}-0`;
    case "Job":
      return jobPod(name, isIndexed(object));
    case "CronJob":
      return jobPod(`${name}-${MINUTES}`, isIndexed(object));
    default:
      return generated(`${name}-`);
  }
}

function generated(prefix: string): string {
  return `${prefix.slice(0, MAX_PREFIX)}${SUFFIX}`;
}

function jobPod(job: string, indexed: boolean): string {
  if (!indexed) return generated(`${job}-`);
  const index = "-0-";
  return `${job.slice(0, MAX_PREFIX - index.length)}${index}${SUFFIX}`;
}

/** Whether the pods of a Job, or of a CronJob's Jobs, are numbered. */
export function isIndexed({ kind, value }: KubernetesObject): boolean {
  const jobSpec = kind === "CronJob" ? ["spec", "jobTemplate", "spec"] : ["spec"];
  return kind.endsWith("Job") && valueAt(value, [...jobSpec, "completionMode"]) === "Indexed";
}
