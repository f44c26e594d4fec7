import { ContrastError } from "../lib/errors.ts";
import type { TopologyWorkload } from "./topology-workload.ts";

/** Matches of real deployments take some ten thousands; these take a second. */
const MAX_COMPARISONS = 10_000_000;

/** Finds workloads by the labels of their pods, without looking at all of them for each selector. */
export class WorkloadFinder {
  /** By one label, as `key=value`. */
  readonly #byLabel = new Map<string, TopologyWorkload[]>();
  #comparisons = 0;

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

  /**
   * Workloads whose pods have all labels of a selector that is not empty, in the order of the input.
   *
   * @throws ContrastError `topology/too-many-edges` where selectors and workloads of one finder give too much to compare
   */
  select(selector: ReadonlyMap<string, string>, namespace: string | undefined): readonly TopologyWorkload[] {
    const wanted = Array.from(selector);
    const [rarest = []] = wanted
      .map(([key, value]) => this.#byLabel.get(`${key}=${value}`) ?? [])
      .toSorted((left, right) => left.length - right.length);
    this.#comparisons += rarest.length;
    if (this.#comparisons > MAX_COMPARISONS) throw tooManyComparisons();
    return rarest.filter(
      (workload) =>
        isSameNamespace(workload.namespace, namespace) &&
        wanted.every(([key, value]) => workload.podLabels.get(key) === value),
    );
  }
}

/** Whether two objects can meet: one that names no namespace goes where `kubectl` is told, which may be anywhere. */
export function isSameNamespace(left: string | undefined, right: string | undefined): boolean {
  return left === undefined || right === undefined || left === right;
}

function tooManyComparisons(): ContrastError {
  return new ContrastError(
    "topology/too-many-edges",
    `Cannot match connections: selectors and workloads must be compared more than ${MAX_COMPARISONS} times`,
    { hint: "Name fewer files, or make selectors more precise." },
  );
}
