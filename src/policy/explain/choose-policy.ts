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
  throw unclear(found, workload);
}

function isNamed({ label, object, namespace, hashHex }: FoundPolicy, workload: string): boolean {
  const wanted = workload.toLowerCase().replace(/[ /]+/g, " ");
  const names = [label, object?.name, label.split(" ").at(-1), namespace === "" ? undefined : `${namespace} ${label}`];
  const isHash = /^[0-9a-f]{8,64}$/.test(wanted) && hashHex.startsWith(wanted);
  return isHash || names.some((name) => name?.toLowerCase() === wanted);
}

function cluesOf({ requests, refusals, container }: Denial): Clues {
  const annotation = (name: string): readonly string[] =>
    requests
      .map(({ request }) => jsonAt(request, ["OCI", "Annotations", `io.kubernetes.cri.${name}`]))
      .filter((value) => typeof value === "string");
  const refused = refusals.map((line) => line.container).filter((name) => name !== undefined && name !== "pause");
  const names = [...annotation("container-name"), ...refused, container].filter((name) => name !== undefined);
  return { containers: [...new Set(names)], pods: [...new Set(annotation("sandbox-name"))] };
}

/** Keeps what fits each clue, unless nothing would. */
function narrowed(policies: readonly FoundPolicy[], { containers, pods }: Clues): readonly FoundPolicy[] {
  const withContainers = policies.filter(({ text }) => {
    const names = parsePolicy(text).data?.containers.map(({ name }) => name) ?? [];
    return containers.every((name) => names.includes(name));
  });
  const withPods = withContainers.filter(({ object }) => {
    const name = object?.name;
    return name === undefined || pods.every((pod) => pod === name || pod.startsWith(`${name}-`));
  });
  return withPods.length === 0 ? withContainers : withPods;
}

function unclear(found: readonly FoundPolicy[], workload: string): ContrastError {
  const labels = [...new Set(found.map(({ label }) => label))];
  const listed = labels.slice(0, MAX_LISTED).join(", ");
  const more = labels.length > MAX_LISTED ? ` and ${labels.length - MAX_LISTED} others` : "";
  const fact = workload === "" ? `got ${labels.length} policies` : `no workload is named "${workload}"`;
  return new ContrastError("policy/choice-unclear", `Cannot choose policy: ${fact}, choose from ${listed}${more}`, {
    hint: "Name the workload with --workload, such as --workload Deployment/web.",
  });
}
