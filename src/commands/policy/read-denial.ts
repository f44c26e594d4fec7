import { decodeUtf8 } from "../../lib/files.ts";
import { choosePolicy } from "../../policy/explain/choose-policy.ts";
import { type Denial, MAX_DENIAL_BYTES, parseDenial } from "../../policy/explain/parse-denial.ts";
import { findPolicies, type FoundPolicy } from "../../policy/find/find-policies.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { assertOneStandardInput, readInput, STANDARD_INPUT } from "../read-input.ts";

/** What tells of a refused request, and the policy that refused it. */
export interface DenialInput {
  readonly denial: Denial;
  readonly policy: FoundPolicy;
}

/**
 * Reads what the flags of `DENIAL_FLAGS` and the positional arguments name; standard input where they name no request.
 *
 * @throws ContrastError `policy/request-not-found`, `policy/choice-unclear`, the codes of reading files and policies
 */
export async function readDenial(flags: ParsedFlags, positionals: readonly string[], io: Io): Promise<DenialInput> {
  if (flags.isSet("request") && positionals.length > 0) {
    throw new UsageError("terminal/exclusive-flags", "a request was given both with --request and as an argument");
  }
  const given = flags.isSet("request") ? [flags.string("request")] : positionals;
  const paths = given.length === 0 ? [STANDARD_INPUT] : given;
  const policyPaths = flags.strings("policy");
  assertOneStandardInput([...policyPaths, ...paths]);
  const texts: string[] = [];
  for (const path of paths) {
    const { bytes, what } = await readInput(path, "request", MAX_DENIAL_BYTES, io);
    texts.push(decodeUtf8(bytes, what));
  }
  const denial = parseDenial(texts.join("\n"));
  const found = await findPolicies(policyPaths, io);
  return { denial, policy: choosePolicy(found, denial, flags.string("workload")) };
}
