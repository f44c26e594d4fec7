import { ContrastError } from "../../lib/errors.ts";
import type { FoundPolicy } from "../found-policy.ts";
import { parsePolicy } from "../parse-policy.ts";
import type { Denial } from "./parse-denial.ts";
import { jsonAt } from "./known-part.ts";

/** Most labels that an error lists. */
const MAX_LISTED = 12;

/** What tells which of several policies a denial is about. */
interface Clues {
  readonly containers: readonly string[];
  readonly pods: readonly string[];
}

/**
 * Chooses the policy that a denial is about: the one of the named workload, or the only one that has the container and
 * fits the name of the pod.
 *
 * @param workload name, `Kind/name`, `Kind name` or the beginning of the hash; empty to choose by the denial
 * @throws ContrastError `policy/choice-unclear` with all labels where none or several remain
 */
export function choosePolicy(
  found: readonly [FoundPolicy, ...FoundPolicy[]],
  denial: Denial | undefined,
  workload: string,
): FoundPolicy {
  const named = workload === "" ? found : found.filter((policy) => isNamed(policy, workload));
  const distinct = named.filter(
    ({ hashHex }, index) => named.findIndex((other) => other.hashHex === hashHex) === index,
  );
  const [only, second] = distinct;
  if (only !== undefined && second === undefined) return only;
  const clues = denial === undefined ? { containers: [], pods: [] } : cluesOf(denial);
  const [chosen, other] = narrowed(distinct, clues);
  if (chosen !== undefined && other === undefined) return chosen;
  throw unclear(distinct.length === 0 ? found : distinct, workload, distinct.length);
}

function isNamed({ label, object, namespace, hashHex }: FoundPolicy, workload: string): boolean {
  const wanted = workload.toLowerCase().replace(/[ /]+/g, " ");
  const names = [label, object?.name, label.split(" ").at(-1), namespace === "" ? undefined : `${namespace} ${label}`];
  const isHash = /^[0-9a-f]{8,64}$/.test(wanted) && hashHex.startsWith(wanted);
  return isHash || names.some((name) => name?.toLowerCase() === wanted);
}

function cluesOf({ requests, refusals, container, pods }: Denial): Clues {
  const annotation = (name: string): readonly string[] =>
    requests
      .map(({ request }) => jsonAt(request, ["OCI", "Annotations", `io.kubernetes.cri.${name}`]))
      .filter((value) => typeof value === "string");
  const refused = refusals.map((line) => line.container).filter((name) => name !== undefined && name !== "pause");
  const names = [...annotation("container-name"), ...refused, container].filter((name) => name !== undefined);
  const asked = annotation("sandbox-name");
  return { containers: [...new Set(names)], pods: asked.length === 0 ? pods : [...new Set(asked)] };
}

/** Keeps what fits each clue, unless nothing would. A pod `web-admin-0` is of `web-admin`, where there is one, not of `web`. */
function narrowed(policies: readonly FoundPolicy[], { containers, pods }: Clues): readonly FoundPolicy[] {
  const withContainers = policies.filter(({ text }) => {
    const names = parsePolicy(text).data?.containers.map(({ name }) => name) ?? [];
    return containers.every((name) => names.includes(name));
  });
  if (pods.length === 0) return withContainers;
  const withPods = withContainers.filter((policy) => {
    const name = podPrefix(policy);
    return name !== undefined && pods.every((pod) => pod === name || pod.startsWith(`${name}-`));
  });
  const longest = Math.max(...withPods.map((policy) => podPrefix(policy)?.length ?? 0));
  return withPods.length === 0 ? withContainers : withPods.filter((policy) => podPrefix(policy)?.length === longest);
}

/** What the names of a workload's pods begin with; undefined where only a hash is known. */
function podPrefix({ object, label }: FoundPolicy): string | undefined {
  return object === undefined ? /^[A-Z][A-Za-z]* ([^ ]+)$/.exec(label)?.[1] : object.name;
}

function unclear(offered: readonly FoundPolicy[], workload: string, named: number): ContrastError {
  const labels = [...new Set(offered.map(({ label }) => label))];
  const listed = labels.slice(0, MAX_LISTED).map((label) => `"${label}"`);
  const more = labels.length > MAX_LISTED ? ` and ${labels.length - MAX_LISTED} more` : "";
  const wanted = workload === "" ? "" : ` for "${workload}"`;
  return new ContrastError(
    "policy/choice-unclear",
    `Cannot choose a policy${wanted}: got ${named} that fit, want 1 of ${listed.join(", ")}${more}`,
    {
      hint: `Name the workload with --workload: kind and name, such as ${listed[0] ?? '"Deployment web"'}, or the beginning of the hash.`,
    },
  );
}
