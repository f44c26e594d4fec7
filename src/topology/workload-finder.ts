import type { TopologyWorkload } from "./topology-workload.ts";

/** Finds workloads by the labels of their pods, without looking at all of them for each selector. */
export class WorkloadFinder {
  /** By one label, as `key=value`. */
  readonly #byLabel = new Map<string, TopologyWorkload[]>();

  constructor(workloads: readonly TopologyWorkload[]) {
    for (const workload of workloads) {
      for (const [key, value] of workload.podLabels) {
        const label = `${key}=${value}`;
        const same = this.#byLabel.get(label) ?? [];
        same.push(workload);
        this.#byLabel.set(label, same);
      }
    }
  }

  /** Workloads whose pods have all labels of a selector that is not empty, in the order of the input. */
  select(selector: ReadonlyMap<string, string>, namespace: string | undefined): readonly TopologyWorkload[] {
    const [rarest = []] = Array.from(selector, ([key, value]) => this.#byLabel.get(`${key}=${value}`) ?? []).toSorted(
      (left, right) => left.length - right.length,
    );
    return rarest.filter(
      (workload) =>
        isSameNamespace(workload.namespace, namespace) &&
        Array.from(selector).every(([key, value]) => workload.podLabels.get(key) === value),
    );
  }
}

/** Whether two objects can meet: one that names no namespace goes where `kubectl` is told, which may be anywhere. */
export function isSameNamespace(left: string | undefined, right: string | undefined): boolean {
  return left === undefined || right === undefined || left === right;
}
