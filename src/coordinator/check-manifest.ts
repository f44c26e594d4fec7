import { ContrastError, messageOf } from "../lib/errors.ts";
import { type Problem, ProblemsError, renderProblem } from "../lib/problems.ts";
import { quoteText } from "../lib/quote-text.ts";
import type { Manifest } from "../manifest/schema.ts";
import { validateManifest } from "../manifest/validate-manifest.ts";
import { parseSan, workloadNames } from "./ca/subject-alt-names.ts";

const HASH = /^[0-9a-f]{64}$/;

/** More would not fit into the header that carries them. */
const MAX_LISTED = 20;

/**
 * Checks a new manifest as `set` does before it sends one, and that the request has its policies.
 *
 * @param manifest as parsed, before its hashes are put into lower case
 * @param given hashes of the policies of the request, lower case
 * @throws ContrastError `coordinator/manifest-invalid`; its cause is a `ProblemsError` with everything that is wrong,
 *   and its text begins with what the original would say
 */
export function checkManifest(manifest: Manifest, given: ReadonlySet<string>): void {
  const { errors, missing } = validateManifest(manifest);
  const all = [...errors, ...policyProblems(manifest, given), ...nameProblems(manifest), ...missing];
  const [first, ...rest] = all.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (first === undefined) return;
  const action = "Cannot set the manifest";
  const listed = [first, ...rest].slice(0, MAX_LISTED).map((problem) => `${stepOf(problem)}${renderProblem(problem)}`);
  const more = all.length > MAX_LISTED ? `; and ${all.length - MAX_LISTED} more` : "";
  throw new ContrastError("coordinator/manifest-invalid", `${action}: ${listed.join("; ")}${more}`, {
    cause: new ProblemsError(action, [first, ...rest]),
  });
}

function policyProblems({ policies }: Manifest, given: ReadonlySet<string>): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const hash of policies.keys()) {
    const lower = hash.toLowerCase();
    const path = `Policies[${JSON.stringify(hash)}]`;
    if (seen.has(lower)) {
      problems.push({
        code: "coordinator/policy-duplicate",
        path,
        message: `the hash ${quoteText(lower)} is there twice`,
      });
    } else if (HASH.test(lower) && !given.has(lower)) {
      problems.push({
        code: "coordinator/policy-missing",
        path,
        message: `no policy provided for hash ${quoteText(hash)}`,
      });
    }
    seen.add(lower);
  }
  return problems;
}

/** Names that no certificate could have. That there are none at all shows when a workload asks for one, as in 1.4. */
function nameProblems({ policies }: Manifest): readonly Problem[] {
  const problems: Problem[] = [];
  const check = (path: string, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      problems.push({ code: "coordinator/san-invalid", path, message: messageOf(error) });
    }
  };
  for (const [hash, { sans }] of policies) {
    const path = `Policies[${JSON.stringify(hash)}].SANs`;
    const before = problems.length;
    sans?.forEach((san, index) => check(`${path}[${index}]`, () => parseSan(san)));
    if (sans !== null && sans.length > 0 && problems.length === before) check(path, () => workloadNames(sans));
  }
  return problems;
}

/** Steps in the order of the original; clients may look for these words. */
const STEPS: readonly { readonly code: Problem["code"]; readonly text: string }[] = [
  { code: "manifest/seedshare-key-invalid", text: "initializing seed engine: " },
  { code: "manifest/policy-hash-invalid", text: "invalid policy hash: " },
  { code: "coordinator/policy-missing", text: "" },
];

function rankOf({ code }: Problem): number {
  const rank = STEPS.findIndex((step) => step.code === code);
  return rank === -1 ? STEPS.length : rank;
}

function stepOf({ code }: Problem): string {
  return STEPS.find((step) => step.code === code)?.text ?? "validating manifest: ";
}
