import type { Path } from "../kubernetes/path.ts";
import { type ValueMap, valueAt } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";
import { quoteText } from "../lib/quote-text.ts";
import { mapsIn, type ObjectContext, reportError, textAt } from "./patch-view.ts";

const LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const DNS_SUBDOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const MAX_LABEL_LENGTH = 63;
const MAX_SUBDOMAIN_LENGTH = 253;

/**
 * Checks the names that the API server checks and that policies compare: those of the object, its namespace and its
 * containers. A policy for a name that no pod can have would refuse everything.
 *
 * @param context receives `generate/name-invalid`, and `kubernetes/field-missing` for a pod without containers
 * @see kubernetes `staging/src/k8s.io/apimachinery/pkg/util/validation`, RFC 1123
 */
export function checkNames(object: ValueMap, workload: Workload, context: ObjectContext): void {
  const check = (path: Path, pattern: RegExp, maxLength: number): void => {
    const name = textAt(object, ...path);
    if (name === undefined || name === "" || (name.length <= maxLength && pattern.test(name))) return;
    const message = `${quoteText(name)} is no name in Kubernetes`;
    const dots = pattern === DNS_SUBDOMAIN ? ", - and ." : " and -";
    const hint = `Use at most ${maxLength} characters of a-z, 0-9${dots}, with a letter or digit at both ends.`;
    reportError(context, "generate/name-invalid", path, message, hint);
  };
  check(["metadata", "name"], DNS_SUBDOMAIN, MAX_SUBDOMAIN_LENGTH);
  check(["metadata", "namespace"], DNS_LABEL, MAX_LABEL_LENGTH);
  for (const list of ["initContainers", "containers"]) {
    const containers = mapsIn(valueAt(object, [...workload.podSpecPath, list]));
    for (const index of containers.keys()) {
      check([...workload.podSpecPath, list, index, "name"], DNS_LABEL, MAX_LABEL_LENGTH);
    }
    if (list === "containers" && containers.length === 0) {
      const path = [...workload.podSpecPath, list];
      reportError(context, "kubernetes/field-missing", path, "got no container, need at least one");
    }
  }
}
