import { ContrastError } from "../../lib/errors.ts";
import { decodeUtf8 } from "../../lib/files.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { choosePolicy } from "../../policy/explain/choose-policy.ts";
import { findPolicies, type FoundPolicy } from "../../policy/find/find-policies.ts";
import { evaluateRequest, type EvaluatedRequest } from "../../policy/evaluate-request.ts";
import { type OpenedPolicy, openPolicy, type OpenPolicyOptions } from "../../policy/open-policy.ts";
import { visibleLine } from "../../lib/visible-text.ts";
import { atPolicyFile } from "./at-policy-file.ts";
import { parseRequests, type WrittenRequest } from "../../policy/parse-requests.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { choiceFlag } from "../choice-flag.ts";
import { assertOneStandardInput, readInput, STANDARD_INPUT } from "../read-input.ts";
import { OtherEngine } from "./other-engine.ts";

/** Largest file of requests. */
const MAX_REQUESTS_BYTES = 256 * 1024 * 1024;

/** The words of `policy explain` too. */
const VERDICTS = { allow: "allowed", deny: "denied", error: "error" } as const;

/** `contrast policy eval`; its definition is in `policy-eval-definition.ts`. */
export const policyEvalCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const paths = positionals.length === 0 ? [STANDARD_INPUT] : positionals;
    const policyPath = flags.string("policy");
    assertOneStandardInput([policyPath, ...paths]);
    const policy = choosePolicy(await findPolicies([policyPath], io), undefined, flags.string("workload"));
    const opened = await open(policy, flags);
    warnAbout(opened, policy, io);
    const other = await OtherEngine.beside(opened, policy.text, engineOptions(flags), io.log);
    const counts = { allow: 0, deny: 0, error: 0 };
    let number = 0;
    for (const request of await readRequests(paths, flags, io)) {
      await nextTurn();
      io.signal.throwIfAborted();
      const evaluated = evaluateRequest(opened.session, request, flags.boolean("exact"));
      counts[evaluated.verdict]++;
      number++;
      other.compare(number, request, flags.boolean("exact"), evaluated);
      if (io.format === "json") io.out(jsonLine(number, evaluated, policy, opened));
      else printText(number, evaluated, io);
    }
    assertAllowed(counts);
  },
};

async function open({ text, file, carrier, object }: FoundPolicy, flags: ParsedFlags): Promise<OpenedPolicy> {
  const options = engineOptions(flags);
  try {
    return await openPolicy(text, options);
  } catch (error) {
    throw atPolicyFile(error, object === undefined && carrier === "text" ? file : undefined);
  }
}

function engineOptions(flags: ParsedFlags): OpenPolicyOptions {
  const engine = choiceFlag(flags, "engine", ["auto", "guest", "current"]);
  return { engine, syntax: choiceFlag(flags, "rego", ["v0", "v1"]) };
}

async function readRequests(paths: readonly string[], flags: ParsedFlags, io: Io): Promise<readonly WrittenRequest[]> {
  const kind = flags.string("kind") === "" ? undefined : flags.string("kind");
  const requests: WrittenRequest[] = [];
  for (const path of paths) {
    const { bytes, what } = await readInput(path, "requests", MAX_REQUESTS_BYTES, io);
    for (const request of parseRequests(decodeUtf8(bytes, what), what, kind)) requests.push(request);
  }
  return requests;
}

function warnAbout(opened: OpenedPolicy, { label }: FoundPolicy, io: Io): void {
  if (opened.isLenient) {
    io.log.warn("the policy allows what it refuses: its rule AllowRequestsFailingPolicy is true", { policy: label });
  }
  if (opened.misreadWords.length > 0) {
    const words = opened.misreadWords.join(", ");
    io.log.warn("guests take words of newer Rego for names of rules here; import rego.v1", { policy: label, words });
  }
  if (opened.kinds.length === 0) {
    io.log.warn("the policy has no rule for any request of the agent", { policy: label, package: "agent_policy" });
  }
}

function printText(number: number, { kind, description, verdict, decision, error }: EvaluatedRequest, io: Io): void {
  io.out(visibleLine(`${number} ${verdict} ${kind}${description === undefined ? "" : `: ${description}`}`));
  if (error !== undefined) io.out(`    ${visibleLine(error.message)}`);
  for (const line of decision?.prints ?? []) io.out(`    ${visibleLine(line)}`);
}

function jsonLine(
  number: number,
  { kind, description, verdict, decision, error }: EvaluatedRequest,
  { label, hashHex }: FoundPolicy,
  { rules }: OpenedPolicy,
): string {
  return resultJson("policy-eval", {
    ok: verdict === "allow",
    number,
    verdict: VERDICTS[verdict],
    kind,
    description,
    policy: { label, hashHex, rules },
    ops: decision?.ops,
    prints: decision?.prints,
    error: error && { code: error.code, message: error.message },
  });
}

/** "Could not decide" weighs more than "refused". */
function assertAllowed({
  allow,
  deny,
  error,
}: {
  readonly allow: number;
  readonly deny: number;
  readonly error: number;
}): void {
  const total = allow + deny + error;
  const details = { allowed: allow, denied: deny, undecided: error };
  if (error > 0) {
    throw new ContrastError(
      "policy/request-undecided",
      `Cannot decide every request: the policy gave no verdict for ${error} of ${total}`,
      {
        hint: "The agent answers such requests with an internal error: give the rules a default for each kind.",
        details,
      },
    );
  }
  if (deny > 0) {
    throw new ContrastError("policy/request-denied", `Policy denied ${deny} of ${total} requests`, {
      hint: 'Run "contrast policy explain" with the same policy and requests to see why.',
      details,
    });
  }
}
