import { ContrastError } from "../../lib/errors.ts";
import { findPolicies, type FoundPolicy } from "../../policy/find-policies.ts";
import type { Io } from "../../terminal/io.ts";

const MAX_NAMED = 20;

/**
 * The one policy that a command is about.
 *
 * @param path whatever `findPolicies()` accepts
 * @param workload kind and name, name, or beginning of the hash; empty where the path holds one policy only
 * @throws ContrastError `policy/choice-unclear`, and the codes of `findPolicies()`
 */
export async function choosePolicy(path: string, workload: string, io: Io): Promise<FoundPolicy> {
  const found = await findPolicies([path], io);
  const fitting = found.filter((policy) => workload === "" || isNamed(policy, workload));
  const [first] = fitting;
  if (first !== undefined && new Set(fitting.map(({ hashHex }) => hashHex)).size === 1) return first;
  const offered = fitting.length === 0 ? found : fitting;
  const names = offered.slice(0, MAX_NAMED).map(({ label }) => `"${label}"`);
  const more = offered.length > MAX_NAMED ? ` and ${offered.length - MAX_NAMED} more` : "";
  throw new ContrastError(
    "policy/choice-unclear",
    `Cannot choose a policy from "${path}": got ${fitting.length} that fit, want 1 of ${names.join(", ")}${more}`,
    { hint: 'Name the workload with --workload, such as --workload "Deployment web".', details: { path } },
  );
}

function isNamed({ label, hashHex }: FoundPolicy, workload: string): boolean {
  return label === workload || label.split(" ").at(-1) === workload || isHashBeginning(workload, hashHex);
}

function isHashBeginning(text: string, hashHex: string): boolean {
  return /^[0-9a-f]{8,64}$/.test(text) && hashHex.startsWith(text);
}
