import { basename } from "node:path";
import { MAX_YAML_BYTES, parseInput, STANDARD_INPUT } from "../../kubernetes/input-set.ts";
import { POLICY_ANNOTATIONS } from "../../kubernetes/policy-annotations.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import { readBytes } from "../../lib/files.ts";
import type { Problems } from "../../lib/problems.ts";
import { decodePolicy, type PolicyForm, policyFormOf } from "../decode-policy.ts";
import type { PolicyText } from "../found-policy.ts";
import { workloadPolicies } from "./workload-policies.ts";

/** Largest other file: base64 of the largest policy, with line breaks. */
const MAX_FILE_BYTES = 24 * 1024 * 1024;

/** What makes a fault in YAML matter: a policy may be behind it. */
const CONCERNS_POLICIES = new RegExp(POLICY_ANNOTATIONS.map((key) => key.replaceAll(".", "\\.")).join("|"));

/** A file that `verify` wrote is named after its content. */
const NAMED_BY_HASH = /^policy\.([0-9a-f]{64})\.rego$/;

/**
 * Reads the policies of one file, whatever form they have in it.
 *
 * @param problems receives everything that is wrong with the file
 */
export async function policiesInFile(path: string, problems: Problems): Promise<readonly PolicyText[]> {
  const limit = isYamlName(path) ? MAX_YAML_BYTES : MAX_FILE_BYTES;
  const bytes = await collectProblem(problems, () => readBytes(path, "policy", limit), { file: path });
  return bytes === undefined ? [] : await policiesInBytes(bytes, path, problems);
}

/**
 * Finds the policies in bytes of any of the forms.
 *
 * @param path named in problems; `-` for standard input
 * @param problems receives `policy/hash-mismatch`, what `decodePolicy` throws, and what is wrong with YAML
 */
export async function policiesInBytes(
  bytes: Uint8Array,
  path: string,
  problems: Problems,
): Promise<readonly PolicyText[]> {
  const file = path === STANDARD_INPUT ? "standard input" : path;
  const form = isYamlName(path) ? "yaml" : path.endsWith(".rego") ? "rego" : policyFormOf(bytes);
  if (form === "yaml") {
    const input = parseInput(bytes, path, problems, CONCERNS_POLICIES);
    return input === undefined ? [] : await workloadPolicies(input.objects, problems);
  }
  const policy = await collectProblem(problems, () => bareText(bytes, file, form), { file });
  if (policy === undefined) return [];
  const named = NAMED_BY_HASH.exec(basename(path))?.[1];
  if (named !== undefined && named !== policy.hashHex) {
    problems.error({
      code: "policy/hash-mismatch",
      message: `the file is named after hash ${named}, but its content has ${policy.hashHex}`,
      hint: 'The file was changed or damaged: run "contrast verify" again, or rename the file to look at it as it is.',
      file,
    });
  }
  return [policy];
}

function bareText(bytes: Uint8Array, file: string, form: Exclude<PolicyForm, "yaml">): PolicyText {
  const decoded = decodePolicy(bytes, form);
  return {
    label: `policy ${decoded.hashHex.slice(0, 12)}`,
    namespace: "",
    file,
    place: { file },
    object: undefined,
    ...decoded,
  };
}

function isYamlName(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
