import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import { similarNames } from "../terminal/similar-names.ts";
import type { SandboxWorkload } from "./sandbox-record.ts";

/**
 * Gives each workload the name of its directory: `<kind>-<name>`, with the namespace behind it where that alone would
 * name two. Characters that are in no Kubernetes name become `_`.
 */
export function nameWorkloads(workloads: readonly Omit<SandboxWorkload, "id">[]): readonly SandboxWorkload[] {
  const taken = new Set<string>();
  return workloads.map((workload) => {
    const short = safeName(`${workload.kind}-${workload.name}`);
    const long = safeName(`${workload.kind}-${workload.name}.${workload.namespace}`);
    let id = taken.has(short) ? long : short;
    for (let count = 2; taken.has(id); count++) id = `${long}_${count}`;
    taken.add(id);
    return { ...workload, id };
  });
}

/**
 * Finds a workload by its directory, by `<kind>/<name>`, or by its name alone.
 *
 * @throws ContrastError `sandbox/workload-unknown`, `sandbox/workload-ambiguous`
 */
export function findWorkload(workloads: readonly SandboxWorkload[], text: string): SandboxWorkload {
  const typed = text.toLowerCase();
  const exact = workloads.find(({ id }) => id === typed);
  if (exact !== undefined) return exact;
  const found = workloads.filter(({ kind, name }) => typed === name || typed === `${kind}/${name}`.toLowerCase());
  const [first, second] = found;
  if (first === undefined) {
    const known = workloads.map(({ id }) => id);
    const similar = similarNames(typed, [...known, ...workloads.map(({ name }) => name)]);
    throw new ContrastError("sandbox/workload-unknown", `Cannot find workload ${quoteText(text)}`, {
      hint: similar.length > 0 ? `Did you mean ${similar[0]}?` : `Name one of ${known.join(", ")}.`,
    });
  }
  if (second !== undefined) {
    throw new ContrastError(
      "sandbox/workload-ambiguous",
      `Cannot choose workload: several are named ${quoteText(text)}`,
      {
        hint: `Name one of ${found.map(({ id }) => id).join(", ")}.`,
      },
    );
  }
  return first;
}

function safeName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "_");
}
